import type { ArtifactKind } from '@bhiv/artifact-registry';
import type { ArtifactRef } from '@bhiv/bucket-client';
import { wrongUse } from './cli-error.ts';
import { isAddress, parseAddress } from './names.ts';
import type { Run } from './run.ts';

/** What is to be fetched or verified. */
export interface Located extends ArtifactRef {
  /** That the bytes must have; undefined where nobody has said it. */
  readonly digest: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly kind: ArtifactKind;
  /** Its name in the registry, `model@version`; undefined for one that was named by its place in Bucket. */
  readonly registeredAs: string | undefined;
}

/**
 * What a reference of the registry stands for, or `bucket/artifact@version`, which names a manifest where no registry is
 * at hand. Rejects with RegistryError and CliError.
 */
export async function locate(run: Run, name: string, digest: string | undefined): Promise<Located> {
  if (isAddress(name)) {
    return { ...parseAddress(name), digest, sizeBytes: undefined, kind: 'manifest', registeredAs: undefined };
  }
  const record = await (await run.registry()).resolve(name);
  if (digest !== undefined && digest.toLowerCase() !== record.digest) {
    throw wrongUse(
      `${name} has the digest ${record.digest}, and --digest says ${digest}: leave one of them out.`,
    );
  }
  const { bucketId, artifactId, version, digest: known, sizeBytes, kind } = record;
  const registeredAs = `${record.logicalId}@${record.version}`;
  return { bucketId, artifactId, version, digest: known, sizeBytes, kind, registeredAs };
}

export const REFERENCE =
  'model:alias, model@version or model@sha256:…; or bucket/artifact@version of a manifest';
