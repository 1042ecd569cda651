import type { TagChange } from './registry-store.ts';

/** What the tags are after the change: none twice, sorted. A tag that is both added and removed is there. */
export function changedTags(current: readonly string[], change: TagChange): string[] {
  if ('set' in change) return [...new Set(change.set)].sort();
  const kept = current.filter((tag) => !change.remove.includes(tag));
  return [...new Set([...kept, ...change.add])].sort();
}
