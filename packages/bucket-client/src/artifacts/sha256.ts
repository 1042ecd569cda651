import { createHash } from 'node:crypto';

/** A running SHA-256 that gives its digest in the contract's form. */
export class Sha256 {
  readonly #hash = createHash('sha256');

  update(piece: Uint8Array): void {
    this.#hash.update(piece);
  }

  /** `sha256:` and 64 hex digits in lower case. To be called once. */
  digest(): string {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}
