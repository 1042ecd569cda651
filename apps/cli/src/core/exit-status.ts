/** What the command ends with, for scripts (docs/cli.md has the table for people). */
export const EXIT = {
  ok: 0,
  failed: 1,
  wrongUse: 2,
  notFound: 3,
  conflict: 4,
  notVerified: 5,
  unreachable: 6,
  /** 128 + SIGINT, as a shell says it. */
  interrupted: 130,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** The codes of ArtifactError, RegistryError, RegistryOpenError, TransferError and CliError that are no plain failure. */
const CODES: Readonly<Record<Exclude<keyof typeof EXIT, 'ok' | 'failed'>, readonly string[]>> = {
  wrongUse: [
    'wrong_use',
    'invalid_argument',
    'invalid_name',
    'invalid_metadata',
    'invalid_reference',
    'invalid_cursor',
    'alias_reserved',
    'lineage_cycle',
    'too_many_aliases',
    'too_many_tags',
    'disabled',
  ],
  notFound: [
    'artifact_not_found',
    'manifest_not_found',
    'version_not_found',
    'alias_not_found',
    'parent_not_found',
    'registry_not_found',
  ],
  conflict: ['version_exists', 'alias_conflict', 'pack_conflict', 'target_exists', 'target_conflict'],
  notVerified: [
    'digest_mismatch',
    'size_mismatch',
    'digest_precondition_failed',
    'artifact_corrupt',
    'pack_not_found',
    'invalid_manifest',
    'unsafe_path',
    'not_verified',
  ],
  unreachable: [
    'network',
    'timeout',
    'http_5xx',
    'overloaded',
    'engine_unavailable',
    'shutting_down',
    'request_timeout',
  ],
  interrupted: ['aborted'],
};

const STATUS: ReadonlyMap<string, ExitStatus> = new Map(
  Object.entries(CODES).flatMap(([name, codes]) =>
    // the names of CODES are names of EXIT
    codes.map((code) => [code, EXIT[name as keyof typeof CODES]] as const),
  ),
);

/** The exit status of an error with this code. */
export function exitStatusOf(code: string): ExitStatus {
  return STATUS.get(code) ?? EXIT.failed;
}
