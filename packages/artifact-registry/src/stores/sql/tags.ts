import { changedTags } from '../changed-tags.ts';
import type { TagChange, TagOutcome } from '../registry-store.ts';
import { type Db, lockLogicalId, selectVersion, tagsOf } from './rows.ts';

/** RegistryStore.changeTags, inside a transaction that writes. */
export async function changeTags(db: Db, change: TagChange): Promise<TagOutcome> {
  await lockLogicalId(db, change.logicalId);
  const row = await selectVersion(db, change).executeTakeFirst();
  if (row === undefined) return { outcome: 'version_not_found' };
  const current = (await tagsOf(db, [row.id])).get(row.id) ?? [];
  const tags = changedTags(current, change);
  if (tags.length > change.maxTags) return { outcome: 'too_many', found: tags.length };

  const gone = current.filter((tag) => !tags.includes(tag));
  const fresh = tags.filter((tag) => !current.includes(tag));
  if (gone.length > 0) {
    await db.deleteFrom('tags').where('version_id', '=', row.id).where('tag', 'in', gone).execute();
  }
  if (fresh.length > 0) {
    await db
      .insertInto('tags')
      .values(fresh.map((tag) => ({ version_id: row.id, tag })))
      .execute();
  }
  return { outcome: 'changed', tags };
}
