import { assertManifestFits } from '../manifest/parse-manifest.ts';
import { MAX_MANIFEST_BYTES } from '../manifest/tree.ts';
import { sha256Aside } from '../sha256.ts';
import type { Host, Place } from '../thread/host.ts';
import { codeOf, TransferError } from '../transfer-error.ts';

/** The bytes of a manifest, held to its digest where that is known. */
export async function readManifestBytes(
  host: Host<never>,
  place: Place,
  digest: string | undefined,
): Promise<{ bytes: Uint8Array; digest: string }> {
  const bytes = await readBounded(host, place, digest);
  assertManifestFits(bytes.byteLength);
  const found = await sha256Aside(bytes);
  if (digest === undefined || found === digest) return { bytes, digest: found };
  const { artifactId, version } = place;
  const message = `The manifest ${artifactId} ${version} has the digest ${found}, and it should have ${digest}: it is damaged, or another one.`;
  throw new TransferError('digest_mismatch', message, {
    expected: digest,
    found,
    details: { artifactId, version },
  });
}

async function readBounded(host: Host<never>, place: Place, digest: string | undefined): Promise<Uint8Array> {
  try {
    return await host.read({ ...place, digest, range: undefined, maxBytes: MAX_MANIFEST_BYTES });
  } catch (error) {
    const { artifactId, version } = place;
    if (codeOf(error) === 'artifact_not_found') {
      const message = `Bucket has no ${artifactId} ${version}: look at the names, and at the bucket.`;
      throw new TransferError('manifest_not_found', message, { cause: error });
    }
    if (codeOf(error) !== 'response_too_large') throw error;
    const message = `${artifactId} ${version} has more than ${MAX_MANIFEST_BYTES} bytes: it is no manifest that publish has written. Download it as it is.`;
    throw new TransferError('manifest_too_large', message, { expected: MAX_MANIFEST_BYTES, cause: error });
  }
}
