import type { RegistryStore, VersionRef } from '../stores/registry-store.ts';
import { checkRef, MAX_TAGS, tooManyTags } from './check-version.ts';
import { tagsOf } from './names.ts';
import { notFound } from './refusals.ts';

/** Registry.setTags, addTags and removeTags. */
export async function changeTags(
  store: RegistryStore,
  how: 'set' | 'add' | 'remove',
  given: VersionRef & { readonly tags: readonly string[] },
): Promise<readonly string[]> {
  const ref = checkRef(given);
  const tags = tagsOf('tags', given.tags);
  const change = how === 'set' ? { set: tags } : { add: [], remove: [], [how]: tags };
  const result = await store.changeTags({ ...ref, ...change, maxTags: MAX_TAGS });
  if (result.outcome === 'changed') return result.tags;
  throw result.outcome === 'too_many' ? tooManyTags(result.found) : await notFound(store, ref);
}
