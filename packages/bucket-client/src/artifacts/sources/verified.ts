import { ArtifactError } from '../../errors.ts';
import { Sha256 } from '../sha256.ts';
import { changed, type Source } from './source.ts';

/**
 * The bytes of a source once more. The last piece comes only when all of them were found to have the digest: what is
 * sent can be whole only where it is right, whatever the other side checks.
 */
export async function* verified(source: Source, digest: string): AsyncGenerator<Uint8Array> {
  const hash = new Sha256();
  let left = source.size;
  for await (const piece of source.pieces()) {
    hash.update(piece);
    left -= piece.byteLength;
    if (left === 0) await assertSame(source, digest, hash.digest());
    yield piece;
  }
  if (left !== 0) throw changed('its size in bytes', source.size, source.size - left);
  if (source.size === 0) await assertSame(source, digest, hash.digest());
}

async function assertSame(source: Source, expected: string, found: string): Promise<void> {
  await source.assertUnchanged();
  if (found === expected) return;
  throw source.once ? digestMismatch(expected, found) : changed('its digest', expected, found);
}

/** The bytes are not what the caller said they were. */
export function digestMismatch(expected: string, found: string): ArtifactError {
  const message = `the bytes have the digest ${found}, and digest says ${expected}: correct it, or find out what became of the bytes. Nothing was stored.`;
  return new ArtifactError('digest_mismatch', message, { expected, found });
}
