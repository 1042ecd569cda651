import type { RegistryError } from '../../registry/errors.ts';
import { closedError } from '../closed.ts';
import type { RegistryStore } from '../registry-store.ts';
import { aliases, aliasHistory, changeAlias } from './aliases.ts';
import { find } from './find.ts';
import { lineage } from './lineage.ts';
import { register } from './register.ts';
import type { Db } from './rows.ts';
import { search } from './search.ts';
import { changeTags } from './tags.ts';

/** What an engine's own folder hands in. */
export interface SqlEngine {
  /** For transactions that read: each must see one moment. */
  readonly read: Db;
  /** For transactions that write. May be the same as `read`. */
  readonly write: Db;
  /** What went wrong in the registry's own words, whatever was thrown. */
  failure(error: unknown): RegistryError;
  close(): Promise<void>;
}

/**
 * A RegistryStore on any engine that Kysely speaks to. Transactions are held by the engine: a writing one must not meet
 * another of the same logical id (a lock of the whole database does, and so does the lock of a row in logical_ids).
 */
export function createSqlStore(engine: SqlEngine): RegistryStore {
  const pending = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  function run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (closing !== undefined) return Promise.reject(closedError());
    const result = work().catch((error: unknown) => Promise.reject(engine.failure(error)));
    pending.add(result);
    const forget = () => void pending.delete(result);
    result.then(forget, forget);
    return result;
  }
  const reading = <Args, Result>(work: (db: Db, args: Args) => Promise<Result>) => {
    return (args: Args) =>
      run(() =>
        engine.read
          .transaction()
          .setAccessMode('read only')
          .execute((db) => work(db, args)),
      );
  };
  const writing = <Args, Result>(work: (db: Db, args: Args) => Promise<Result>) => {
    return (args: Args) => run(() => engine.write.transaction().execute((db) => work(db, args)));
  };

  return {
    register: writing(register),
    find: reading(find),
    search: reading(search),
    changeAlias: writing(changeAlias),
    aliases: reading(aliases),
    aliasHistory: reading(aliasHistory),
    changeTags: writing(changeTags),
    lineage: reading(lineage),
    close() {
      closing ??= Promise.allSettled([...pending]).then(() => engine.close());
      return closing;
    },
  };
}
