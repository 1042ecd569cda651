import type { Pack } from '../manifest/tree.ts';
import type { Host } from '../thread/host.ts';
import { TransferError } from '../transfer-error.ts';

/** A range of a pack, as many bytes as were asked for. They are not verified. Throws `size_mismatch`. */
export async function readRange(
  host: Host<never>,
  { artifactId, version, digest }: Pack,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<Uint8Array> {
  const length = end - start;
  const bytes = await host.read({ artifactId, version, digest, range: { start, end }, maxBytes: length });
  const found = bytes.byteLength;
  if (found === length) return bytes;
  host.release(bytes);
  const message = `${found} bytes of ${artifactId} ${version} came where ${length} were asked for, from byte ${start} on: what lies between here and Bucket does not know Range.`;
  throw new TransferError('size_mismatch', message, {
    ...{ expected: length, found },
    details: { artifactId, version, offset: start, length },
  });
}
