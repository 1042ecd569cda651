import { createCipheriv, createHash } from 'node:crypto';

/** Bytes that look random, always the same ones for a seed: what was sent is known again without being kept. */
export function bytesFrom(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** As `X-Artifact-Digest` has it. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
