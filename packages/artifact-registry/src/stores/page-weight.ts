/**
 * What a page of versions may weigh: so much that listing is quick, and so little that taking a page from a worker
 * thread holds the caller's event loop for a few ms at the most.
 */
const PAGE_WEIGHT = 128 * 1024;

/** What a parent or a tag weighs, in characters of metadata. */
export const ENTRY_WEIGHT = 100;

/** How many of these versions, one at least, make a page that weighs no more than PAGE_WEIGHT. */
export function countOnPage(weights: readonly number[], limit: number): number {
  let sum = 0;
  let count = 0;
  for (const weight of weights.slice(0, limit)) {
    sum += weight;
    if (count > 0 && sum > PAGE_WEIGHT) break;
    count += 1;
  }
  return count;
}
