import { createHash, webcrypto } from 'node:crypto';

/** Fewer bytes are hashed sooner than another thread has been asked to. */
const WORTH_A_THREAD_BYTES = 64 * 1024;

/** The digest of bytes as Bucket writes it (CONTRACT B): `sha256:` and 64 hex digits in lower case. */
export function sha256(bytes: Uint8Array): string {
  return named(createHash('sha256').update(bytes));
}

/** The same on one of the threads of libuv where it is worth it. The bytes may be overwritten as soon as it returns. */
export function sha256Aside(bytes: Uint8Array): string | Promise<string> {
  if (bytes.byteLength < WORTH_A_THREAD_BYTES) return sha256(bytes);
  return webcrypto.subtle
    .digest('SHA-256', bytes)
    .then((digest) => `sha256:${Buffer.from(digest).toString('hex')}`);
}

/** A digest that is fed piece by piece. */
export class Sha256 {
  readonly #hash = createHash('sha256');

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Once. */
  digest(): string {
    return named(this.#hash);
  }
}

function named(hash: ReturnType<typeof createHash>): string {
  return `sha256:${hash.digest('hex')}`;
}
