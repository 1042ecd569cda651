import { createHash } from 'node:crypto';

/*
 * Everything in Core that could be random is a hash of seed, purpose and number instead. Two runs with the
 * same seed and the same tasks give the same answers, and no draw depends on how many came before it.
 */

/** The id of the `sequence`-th task (from 0): `task-` and 24 hex digits. */
export function taskIdOf(seed: string, sequence: number): string {
  return `task-${digest(seed, 'task id', sequence).toString('hex').slice(0, 24)}`;
}

/** An even draw from 0 to `sides` - 1. */
export function draw(seed: string, purpose: string, sequence: number, sides: number): number {
  return digest(seed, purpose, sequence).readUInt32BE(0) % sides;
}

function digest(seed: string, purpose: string, sequence: number): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([seed, purpose, sequence]))
    .digest();
}
