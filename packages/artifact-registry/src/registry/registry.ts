import { LATEST, type LineageGraph, type RegistryStore, type VersionKey } from '../stores/registry-store.ts';
import { changeAlias, listAliasHistory } from './alias-calls.ts';
import type { Alias, AliasHistory, AliasOptions, AliasResult } from './aliases.ts';
import { checkNewVersion, checkQuery } from './check-version.ts';
import { type LineageOptions, resolveParents, walkFrom } from './lineage-calls.ts';
import { actorOf, aliasOf, digestOf, logicalIdOf, versionOf } from './names.ts';
import { encodeCursor, type PageOptions } from './paging.ts';
import { parseReference } from './reference.ts';
import { notFound, parentNotFound, versionExists } from './refusals.ts';
import { changeTags } from './tag-calls.ts';
import {
  type NewVersion,
  type RegisterResult,
  recordOf,
  type VersionPage,
  type VersionQuery,
  type VersionRecord,
} from './versions.ts';

export interface RegistryOptions {
  /** An open store, such as `await openSqliteStore({ path: 'registry.db' })`. The registry closes it. */
  readonly store: RegistryStore;
  /**
   * The machine, job or person that writes, where a call does not say another one by `by`.
   * @default each call that writes has to say it
   */
  readonly actor?: string | undefined;
}

/**
 * The registry of versions: names, aliases and lineage for artifacts whose bytes are in Bucket (CONTRACT B5 A). Every
 * call rejects with RegistryError: with `invalid_...` for what it is given, with codes of its own, or with those of the
 * store (`store_busy`, `store_full`, `store_failed`, `outcome_unknown`, `closed`).
 */
export class Registry {
  readonly #store: RegistryStore;
  readonly #actor: string | undefined;

  /** Throws RegistryError `invalid_argument` for an actor that names nobody. */
  constructor({ store, actor }: RegistryOptions) {
    this.#store = store;
    this.#actor = actor === undefined ? undefined : actorOf('actor', actor);
  }

  /**
   * Registers a version for good, after its bytes are in Bucket, and makes it the latest of its logical id. The same
   * content again changes nothing (`alreadyRegistered`; time, actor and tags of the first time stand); other content
   * under the same version rejects with `version_exists`. Rejects with `parent_not_found` and `lineage_cycle` too.
   */
  async registerVersion(version: NewVersion): Promise<RegisterResult> {
    const parents = await resolveParents(this.#store, version.parents ?? []);
    const now = new Date().toISOString();
    const registration = checkNewVersion(version, { parents, now, actor: this.#actor });
    const result = await this.#store.register(registration);
    if (result.outcome === 'conflict') throw versionExists(result.stored, registration, result.differing);
    if (result.outcome === 'parent_not_found') throw parentNotFound(registration, result.parent);
    const alreadyRegistered = result.outcome === 'already_registered';
    return { version: recordOf(result.stored), alreadyRegistered };
  }

  /** null where it is not registered. */
  async getVersion(logicalId: string, version: string): Promise<VersionRecord | null> {
    return this.#find({
      logicalId: logicalIdOf('logicalId', logicalId),
      version: versionOf('version', version),
    });
  }

  /** Of several versions with this digest, the one that was registered first; null where there is none. */
  async getVersionByDigest(logicalId: string, digest: string): Promise<VersionRecord | null> {
    return this.#find({ logicalId: logicalIdOf('logicalId', logicalId), digest: digestOf('digest', digest) });
  }

  /** null where there is no such alias. `latest` is one. */
  async getVersionByAlias(logicalId: string, alias: string): Promise<VersionRecord | null> {
    return this.#find({ logicalId: logicalIdOf('logicalId', logicalId), alias: aliasOf('alias', alias) });
  }

  /** The version that was registered last; null where none is. */
  async getLatest(logicalId: string): Promise<VersionRecord | null> {
    return this.getVersionByAlias(logicalId, LATEST);
  }

  /**
   * The version that a reference names: `name:alias` (`name:latest` too), `name@version` or `name@sha256:…`. It always
   * comes with its digest, so that what is fetched can be held to it. Rejects with `invalid_reference`,
   * `version_not_found` and `alias_not_found`.
   */
  async resolve(reference: string): Promise<VersionRecord> {
    const key = parseReference(reference);
    const found = await this.#find(key);
    if (found === null) throw await notFound(this.#store, key);
    return found;
  }

  /** The versions of a logical id, newest first; an empty page where there is none. */
  async listVersions(logicalId: string, { limit, cursor }: PageOptions = {}): Promise<VersionPage> {
    return this.search({ logicalId: logicalIdOf('logicalId', logicalId), limit, cursor });
  }

  /**
   * The versions for which every condition holds. Pages are stable: every version that was there when the first page
   * was read is in exactly one, whatever is registered meanwhile, as long as tags and `latest` are not what is searched
   * for. Rejects with `invalid_cursor` for the cursor of another search.
   */
  async search(conditions: VersionQuery = {}): Promise<VersionPage> {
    const { query, listing } = checkQuery(conditions);
    const { versions, next } = await this.#store.search(query);
    const cursor = next && encodeCursor(listing, [next.logicalId, next.sequence]);
    return { versions: versions.map(recordOf), cursor };
  }

  /**
   * Points an alias at a version of the same logical id. Rejects with `alias_conflict` where it is not what `expected`
   * says, `version_not_found`, `alias_reserved` for `latest`, and `too_many_aliases`.
   */
  async setAlias(
    logicalId: string,
    alias: string,
    version: string,
    options: AliasOptions = {},
  ): Promise<AliasResult> {
    const to = versionOf('version', version);
    return changeAlias(this.#store, { logicalId, alias, to, options, actor: this.#actor });
  }

  /** Removes an alias; its history stays. One that is not there is no error, unless `expected` says otherwise. */
  async removeAlias(logicalId: string, alias: string, options: AliasOptions = {}): Promise<AliasResult> {
    return changeAlias(this.#store, { logicalId, alias, to: null, options, actor: this.#actor });
  }

  /** All aliases of a logical id by name, `latest` among them; at most 1,001. */
  async listAliases(logicalId: string): Promise<readonly Alias[]> {
    return this.#store.aliases(logicalIdOf('logicalId', logicalId));
  }

  /** What an alias has pointed at, newest first; `latest` has a history too. Empty for one that never was. */
  async listAliasHistory(logicalId: string, alias: string, options: PageOptions = {}): Promise<AliasHistory> {
    return listAliasHistory(this.#store, { logicalId, alias }, options);
  }

  /**
   * Replaces the tags of a version and gives back what it has now, sorted. Rejects with `version_not_found` and
   * `too_many_tags`.
   */
  async setTags(logicalId: string, version: string, tags: readonly string[]): Promise<readonly string[]> {
    return changeTags(this.#store, 'set', { logicalId, version, tags });
  }

  /** Adds tags to those that a version has; otherwise like `setTags`. */
  async addTags(logicalId: string, version: string, tags: readonly string[]): Promise<readonly string[]> {
    return changeTags(this.#store, 'add', { logicalId, version, tags });
  }

  /** Takes tags away from a version; those that it does not have are no error. Otherwise like `setTags`. */
  async removeTags(logicalId: string, version: string, tags: readonly string[]): Promise<readonly string[]> {
    return changeTags(this.#store, 'remove', { logicalId, version, tags });
  }

  /** What a version was made from, and what that was made from. Rejects with `version_not_found`. */
  async getAncestors(
    logicalId: string,
    version: string,
    options: LineageOptions = {},
  ): Promise<LineageGraph> {
    return walkFrom(this.#store, { logicalId, version, direction: 'up' }, options);
  }

  /** What was made from a version, and what was made from that. Rejects with `version_not_found`. */
  async getDescendants(
    logicalId: string,
    version: string,
    options: LineageOptions = {},
  ): Promise<LineageGraph> {
    return walkFrom(this.#store, { logicalId, version, direction: 'down' }, options);
  }

  /** Closes the store after what was called before is finished. What is called later rejects with `closed`. */
  close(): Promise<void> {
    return this.#store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #find(key: VersionKey): Promise<VersionRecord | null> {
    const stored = await this.#store.find(key);
    return stored && recordOf(stored);
  }
}

/**
 * A registry on an open store. Nothing is read or written yet.
 *
 * @example
 * const registry = openRegistry({ store: await openSqliteStore({ path: 'registry.db' }), actor: 'trainer-7' });
 */
export function openRegistry(options: RegistryOptions): Registry {
  return new Registry(options);
}
