import { isDeepStrictEqual } from 'node:util';

/** One version, as the model remembers it. */
export interface ModelVersion {
  readonly logicalId: string;
  readonly version: string;
  readonly digest: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly parents: readonly string[];
  tags: string[];
}

export interface ModelQuery {
  readonly logicalIdPrefix?: string | undefined;
  readonly digest?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly latestOnly?: boolean | undefined;
}

/** What a registry should do, in the fewest words: one list of versions in the order of registration. */
export class RegistryModel {
  readonly versions: ModelVersion[] = [];
  readonly aliases = new Map<string, string>();
  readonly history: { readonly alias: string; readonly from: string | null; readonly to: string | null }[] =
    [];

  register(given: ModelVersion): 'registered' | 'already' | 'version_exists' | 'parent_not_found' {
    const isThere = (name: string) => this.versions.some((version) => nameOf(version) === name);
    if (!given.parents.every(isThere)) return 'parent_not_found';
    const existing = this.versions.find((version) => nameOf(version) === nameOf(given));
    if (existing === undefined) {
      this.versions.push({ ...given, tags: [...new Set(given.tags)].sort() });
      return 'registered';
    }
    const content = ({ digest, metadata, parents }: ModelVersion) => [
      digest,
      metadata,
      [...new Set(parents)].sort(),
    ];
    return isDeepStrictEqual(content(existing), content(given)) ? 'already' : 'version_exists';
  }

  setAlias(
    logicalId: string,
    change: { alias: string; to: string | null; expected: string | null | undefined },
  ): 'changed' | 'unchanged' | 'version_not_found' | 'alias_conflict' {
    const { to, expected } = change;
    const alias = `${logicalId}:${change.alias}`;
    if (to !== null && this.get(logicalId, to) === undefined) return 'version_not_found';
    const from = this.aliases.get(alias) ?? null;
    if (expected !== undefined && expected !== from) return 'alias_conflict';
    if (from === to) return 'unchanged';
    if (to === null) this.aliases.delete(alias);
    else this.aliases.set(alias, to);
    this.history.push({ alias, from, to });
    return 'changed';
  }

  get(logicalId: string, version: string): ModelVersion | undefined {
    return this.of(logicalId).find((candidate) => candidate.version === version);
  }

  /** In the order of registration. */
  of(logicalId: string): ModelVersion[] {
    return this.versions.filter((version) => version.logicalId === logicalId);
  }

  latest(logicalId: string): ModelVersion | undefined {
    return this.of(logicalId).at(-1);
  }

  search({
    logicalIdPrefix = '',
    digest,
    tags = [],
    metadata = {},
    latestOnly = false,
  }: ModelQuery): string[] {
    const ids = [...new Set(this.versions.map(({ logicalId }) => logicalId))].sort();
    return ids
      .filter((id) => id.startsWith(logicalIdPrefix))
      .flatMap((id) => this.of(id).reverse())
      .filter((version) => digest === undefined || version.digest === digest)
      .filter((version) => tags.every((tag) => version.tags.includes(tag)))
      .filter((version) =>
        Object.entries(metadata).every(
          ([key, value]) => key in version.metadata && isDeepStrictEqual(version.metadata[key], value),
        ),
      )
      .filter((version) => !latestOnly || this.latest(version.logicalId) === version)
      .map(nameOf);
  }

  /** Everything that the version was made from, or that was made from it. */
  reachable(name: string, direction: 'up' | 'down'): Set<string> {
    const found = new Set([name]);
    for (const current of found) {
      for (const version of this.versions) {
        const other = nameOf(version);
        const isNext =
          direction === 'up' ? this.#parents(current).includes(other) : version.parents.includes(current);
        if (isNext) found.add(other);
      }
    }
    return found;
  }

  #parents(name: string): readonly string[] {
    return this.versions.find((version) => nameOf(version) === name)?.parents ?? [];
  }
}

export function nameOf({
  logicalId,
  version,
}: {
  readonly logicalId: string;
  readonly version: string;
}): string {
  return `${logicalId}@${version}`;
}
