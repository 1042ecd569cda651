import { LATEST, type StoredVersion, type VersionKey } from '../registry-store.ts';
import { type Db, selectVersions, storedVersions } from './rows.ts';

/** RegistryStore.find. */
export async function find(db: Db, key: VersionKey): Promise<StoredVersion | null> {
  const rows = await selectByKey(db, key).execute();
  return (await storedVersions(db, rows))[0] ?? null;
}

function selectByKey(db: Db, key: VersionKey) {
  const versions = selectVersions(db).where('versions.logical_id', '=', key.logicalId);
  if ('version' in key) return versions.where('versions.version', '=', key.version);
  if ('digest' in key) {
    return versions.where('versions.digest', '=', key.digest).orderBy('versions.sequence').limit(1);
  }
  if (key.alias === LATEST) return versions.whereRef('versions.sequence', '=', 'logical_ids.last_sequence');
  const { alias, logicalId } = key;
  return versions.where('versions.id', 'in', (expression) =>
    expression
      .selectFrom('aliases')
      .select('aliases.version_id')
      .where('aliases.logical_id', '=', logicalId)
      .where('aliases.alias', '=', alias),
  );
}
