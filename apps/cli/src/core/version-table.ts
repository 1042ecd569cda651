import type { Alias, VersionRecord } from '@bhiv/artifact-registry';
import { formatBytes, table } from './format.ts';

/**
 * Versions as lines: name, kind, size, when and by whom it was registered, aliases and tags.
 * @param aliases those of the model, where the versions are of one
 */
export function versionLines(versions: readonly VersionRecord[], aliases: readonly Alias[] = []): string[] {
  return table(
    versions.map((record) => {
      const { logicalId, version, kind, sizeBytes, registeredAt, registeredBy, tags } = record;
      const names = aliases.filter((alias) => alias.version === version).map(({ alias }) => `:${alias}`);
      const marks = aliases.length === 0 && record.isLatest ? [':latest'] : names;
      return [
        `${logicalId}@${version}`,
        kind,
        kind === 'artifact' ? formatBytes(sizeBytes) : '',
        registeredAt.slice(0, 19),
        registeredBy,
        [...marks, ...tags].join(' '),
      ];
    }),
  );
}
