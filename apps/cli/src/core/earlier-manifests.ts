import {
  type ArtifactTransport,
  type Registry,
  readManifest,
  type VersionRecord,
} from '@bhiv/artifact-registry';
import { EXIT, exitStatusOf } from './exit-status.ts';
import type { Run } from './run.ts';

/** So many of the newest versions are looked at: each manifest names what it has from older ones. */
const VERSIONS = 3;

interface New {
  readonly registry: Registry;
  readonly transport: ArtifactTransport;
  readonly model: string;
  readonly version: string;
  readonly bucketId: string;
}

/**
 * The manifests of earlier versions of a model, the newest first, for `publish`. Of a version that is registered
 * already, those before it: so it is published again from the same, and found to be the same. One that is gone or damaged
 * costs a warning and bytes.
 */
export async function earlierManifests(
  run: Run,
  { registry, transport, ...its }: New,
): Promise<Uint8Array[]> {
  const { model, version, bucketId } = its;
  const { sequence = Number.POSITIVE_INFINITY } = (await registry.getVersion(model, version)) ?? {};
  const { versions } = await registry.listVersions(model);
  const earlier = versions
    .filter((record) => record.kind === 'manifest' && record.bucketId === bucketId)
    .filter((record) => record.sequence < sequence)
    .slice(0, VERSIONS);
  const manifests = await Promise.all(earlier.map((record) => manifestOf(run, transport, record)));
  return manifests.filter((manifest) => manifest !== undefined);
}

async function manifestOf(
  run: Run,
  transport: ArtifactTransport,
  { bucketId, artifactId, version, digest, logicalId }: VersionRecord,
): Promise<Uint8Array | undefined> {
  try {
    return await readManifest({ transport, bucketId, artifactId, version, digest, signal: run.signal });
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    const status = exitStatusOf(code);
    if (status !== EXIT.notFound && status !== EXIT.notVerified) throw error;
    run.output.warn(
      `${logicalId}@${version} cannot be used to save bytes (${code}): bhiv verify ${logicalId}@${version} tells more.`,
    );
    return undefined;
  }
}
