import type { Registry } from '../registry/registry.ts';
import type { VersionQuery } from '../registry/versions.ts';
import { aborted } from '../transfer-error.ts';
import type { ArtifactTransport } from '../transport.ts';
import { ArtifactCheck } from './artifact-check.ts';
import type { Finding } from './findings.ts';
import { type ArtifactName, knownArtifacts } from './known-artifacts.ts';

export interface ReconcileOptions
  extends Pick<VersionQuery, 'logicalId' | 'logicalIdPrefix' | 'bucketId' | 'artifactId'> {
  readonly registry: Registry;
  readonly transport: ArtifactTransport;
  /**
   * Artifacts to look at besides those that rows name: no row names the one of a first publish that was cut off.
   * @default none
   */
  readonly artifacts?: readonly ArtifactName[] | undefined;
  /**
   * Registers what no row names, the oldest first, wherever that can be done. It becomes the latest of its logical id,
   * and has no metadata, tags and parents: a publish that is run again and would register some is refused then.
   * @default false
   */
  readonly register?: boolean | undefined;
  /** Told each thing that is not as it should be, and waited for. What it throws ends the call. */
  readonly onFinding?: ((finding: Finding) => void | Promise<void>) | undefined;
  /** Ends the call with the code `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** How much was compared, and what came out. */
export interface Reconciliation {
  readonly artifacts: number;
  readonly rows: number;
  /** How many rows have no artifact, and how many have another one than they say. */
  readonly missing: number;
  readonly differing: number;
  /** How many versions in Bucket have no row, and how many of them have got one. */
  readonly unregistered: number;
  readonly registered: number;
}

/**
 * Compares the registry with Bucket: every row of the artifacts that the conditions choose (all, where there are none)
 * with what Bucket has under its name, and every version of these artifacts in Bucket with the rows. Digests and sizes
 * are those that Bucket remembers: whether it can still give the bytes is for `verify` to say.
 *
 * Nothing is changed unless `register` is set. Others may write meanwhile: nothing is reported before it was looked at
 * once more, but a publish that is about to write its row is found unregistered. In memory are a page of rows, the names
 * of artifacts, and the versions of one artifact at a time.
 *
 * Rejects with a RegistryError, with the TransferError `aborted`, or with what the transport rejected with.
 */
export async function reconcile(options: ReconcileOptions): Promise<Reconciliation> {
  const { registry, transport, artifacts = [], register = false, onFinding, signal } = options;
  const { logicalId, logicalIdPrefix, bucketId, artifactId } = options;
  const counts = { artifacts: 0, rows: 0, missing: 0, differing: 0, unregistered: 0, registered: 0 };
  const report = async (finding: Finding) => {
    counts[finding.kind] += 1;
    if (finding.kind === 'unregistered' && finding.registered) counts.registered += 1;
    await onFinding?.(finding);
  };
  const conditions = { logicalId, logicalIdPrefix, bucketId, artifactId };
  try {
    for await (const artifact of knownArtifacts(registry, conditions, artifacts)) {
      const check = new ArtifactCheck({ registry, transport, signal }, artifact);
      await check.list();
      counts.artifacts += 1;
      for await (const finding of check.rows()) await report(finding);
      counts.rows += check.rowsSeen;
      for await (const finding of check.unregistered(register)) await report(finding);
    }
  } catch (error) {
    throw signal?.aborted ? aborted(signal) : error;
  }
  return counts;
}
