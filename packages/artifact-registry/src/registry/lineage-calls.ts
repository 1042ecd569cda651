import type { LineageGraph, LineageQuery, RegistryStore, VersionRef } from '../stores/registry-store.ts';
import { checkRef } from './check-version.ts';
import { countOf, refusal } from './names.ts';
import { parseReference } from './reference.ts';
import { notFound } from './refusals.ts';

export interface LineageOptions {
  /**
   * The most steps from the version, from 1 to 100.
   * @default 10
   */
  readonly depth?: number | undefined;
}

/** The most versions that a graph shows. */
const MAX_NODES = 500;

/** Registry.getAncestors and Registry.getDescendants. */
export async function walkFrom(
  store: RegistryStore,
  given: VersionRef & Pick<LineageQuery, 'direction'>,
  { depth = 10 }: LineageOptions,
): Promise<LineageGraph> {
  const ref = checkRef(given);
  const steps = countOf('depth', depth, { from: 1, to: 100 });
  const { direction } = given;
  const graph = await store.lineage({ ...ref, direction, depth: steps, maxNodes: MAX_NODES });
  if (graph === null) throw await notFound(store, ref);
  return graph;
}

/** The versions that are named as parents. Whether a version is registered shows when its child is. */
export async function resolveParents(store: RegistryStore, parents: unknown): Promise<VersionRef[]> {
  if (!Array.isArray(parents)) throw refusal('parents', parents, 'must be an array of references');
  const resolved: VersionRef[] = [];
  for (const [index, parent] of parents.entries())
    resolved.push(await resolveParent(store, `parents[${index}]`, parent));
  return resolved;
}

async function resolveParent(store: RegistryStore, field: string, parent: unknown): Promise<VersionRef> {
  if (typeof parent === 'string') {
    const key = parseReference(parent);
    const found = 'version' in key ? key : await store.find(key);
    if (found === null) throw await notFound(store, key);
    return { logicalId: found.logicalId, version: found.version };
  }
  if (typeof parent === 'object' && parent !== null && 'logicalId' in parent && 'version' in parent) {
    // checkRef holds both to their rules, whatever they are
    return checkRef(parent as VersionRef);
  }
  throw refusal(field, parent, 'must be a reference or {logicalId, version}');
}
