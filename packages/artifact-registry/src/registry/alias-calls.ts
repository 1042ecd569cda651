import type { RegistryStore } from '../stores/registry-store.ts';
import type { AliasHistory, AliasOptions, AliasResult } from './aliases.ts';
import { actorOf, aliasOf, logicalIdOf, movableAliasOf, versionOf } from './names.ts';
import { decodeCursor, encodeCursor, limitOf, type PageOptions } from './paging.ts';
import { aliasConflict, MAX_ALIASES, notFound, tooManyAliases } from './refusals.ts';

/** What a caller said of an alias; `to: null` removes it. */
interface Wish {
  readonly logicalId: string;
  readonly alias: string;
  readonly to: string | null;
  readonly options: AliasOptions;
  /** Who does it where the options name nobody. */
  readonly actor: string | undefined;
}

/** Registry.setAlias and Registry.removeAlias. */
export async function changeAlias(store: RegistryStore, wish: Wish): Promise<AliasResult> {
  const { to, options } = wish;
  const logicalId = logicalIdOf('logicalId', wish.logicalId);
  const alias = movableAliasOf('alias', wish.alias);
  const by = actorOf('by', options.by ?? wish.actor);
  const at = new Date().toISOString();
  const expected = expectedOf(options);
  const change = { logicalId, alias, to, expected, at, by, maxAliases: MAX_ALIASES };
  const result = await store.changeAlias(change);
  switch (result.outcome) {
    case 'changed':
      return { alias, from: result.from, to, changed: true };
    case 'unchanged':
      return { alias, from: to, to, changed: false };
    case 'conflict':
      throw aliasConflict(change, result.found);
    case 'too_many':
      throw tooManyAliases(change);
    case 'version_not_found':
      throw await notFound(store, { logicalId, version: to ?? '' });
  }
}

function expectedOf({ expected }: AliasOptions): string | null | undefined {
  return expected === undefined || expected === null ? expected : versionOf('expected', expected);
}

/** Registry.listAliasHistory. */
export async function listAliasHistory(
  store: RegistryStore,
  given: { readonly logicalId: string; readonly alias: string },
  { limit, cursor }: PageOptions,
): Promise<AliasHistory> {
  const names = {
    logicalId: logicalIdOf('logicalId', given.logicalId),
    alias: aliasOf('alias', given.alias),
  };
  const listing = ['alias history', names];
  const before = decodeCursor(listing, cursor, ([number]) =>
    typeof number === 'number' ? number : undefined,
  );
  const { changes, next } = await store.aliasHistory({ ...names, limit: limitOf(limit), before });
  return {
    changes: changes.map(({ from, to, at, by }) => ({ from, to, at, by })),
    cursor: next === null ? null : encodeCursor(listing, [next]),
  };
}
