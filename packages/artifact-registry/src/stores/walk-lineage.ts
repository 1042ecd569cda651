import type { LineageGraph, LineageNode } from './registry-store.ts';

/** A version on the way: what a driver knows it by, and what is shown of it. */
export interface LineageStep<Id> {
  readonly id: Id;
  readonly node: Omit<LineageNode, 'depth'>;
}

/** How many parents the versions of a graph may have together before it is cut. */
const MAX_EDGES = 2000;

/**
 * Walks through a lineage, level by level. It yields the ids of a level and is handed the versions one step on: each
 * once, by logical id and then by sequence; where there are more than `maxNodes`, any `maxNodes + 1` of them do. A
 * generator, so that an engine with promises and one without are walked by the same lines.
 */
export function* walkLineage<Id>(
  start: LineageStep<Id>,
  { depth, maxNodes }: { readonly depth: number; readonly maxNodes: number },
): Generator<readonly Id[], LineageGraph, readonly LineageStep<Id>[]> {
  const seen = new Set([start.id]);
  const nodes: LineageNode[] = [{ ...start.node, depth: 0 }];
  let edges = start.node.parents.length;
  let level: readonly Id[] = [start.id];
  for (let step = 1; level.length > 0; step += 1) {
    const next = (yield level).filter(({ id }) => !seen.has(id));
    if (next.length > 0 && step > depth) return { nodes, truncated: true };
    for (const { id, node } of next) {
      edges += node.parents.length;
      if (nodes.length === maxNodes || edges > MAX_EDGES) return { nodes, truncated: true };
      seen.add(id);
      nodes.push({ ...node, depth: step });
    }
    level = next.map(({ id }) => id);
  }
  return { nodes, truncated: false };
}
