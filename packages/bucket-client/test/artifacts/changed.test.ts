import { appendFileSync, renameSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { TransferProgress } from '../../src/index.ts';
import { bucket, client } from '../support.ts';
import { bytesOf, digestOf, failureOf, folder, UPLOAD } from './support.ts';

const SIZE = 1_500_000;

/** Does something once, when the phase has come to the given part of its bytes. */
function at(phase: TransferProgress['phase'], part: number, action: () => void) {
  let done = false;
  return (progress: TransferProgress) => {
    if (done || progress.phase !== phase || progress.bytes < part * SIZE) return;
    done = true;
    action();
  };
}

const CHANGES: Array<[string, (path: string) => void, RegExp]> = [
  ['grew', (path) => appendFileSync(path, 'x'), /size in bytes was 1500000 and is now 1500001/],
  ['shrank', (path) => truncateSync(path, 1_400_000), /size in bytes was 1500000/],
  ['was emptied', (path) => truncateSync(path, 0), /size in bytes was 1500000/],
  ['was touched', (path) => utimesSync(path, 1, 1), /time of change was 20.* and is now 1970-01-01T00:00:01/],
  ['was written over', (path) => writeFileSync(path, Buffer.alloc(SIZE)), /its (time of change|digest) was/],
];

describe.each<[TransferProgress['phase'], number]>([
  ['hashing', 0.1],
  ['hashing', 1],
  ['sending', 0.1],
  ['sending', 0.6],
])('while %s, at %d of it', (phase, part) => {
  test.each(CHANGES)('a file that %s is an error, and nothing is stored', async (_name, change, message) => {
    const { url, artifacts } = await bucket();
    const path = join(folder(), 'model.bin');
    writeFileSync(path, bytesOf(SIZE));
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    const onProgress = at(phase, part, () => change(path));
    const error = await failureOf(client({ url }).uploadArtifact(UPLOAD, path, { onProgress }));
    expect(error).toMatchObject({ code: 'source_changed', message: expect.stringMatching(message) });
    expect(artifacts).toEqual([]);
  });
});

test('a byte that changed while the times stayed is found by the digest', async () => {
  const { url, artifacts } = await bucket();
  const bytes = bytesOf(SIZE);
  const onProgress = at('sending', 0.1, () => bytes.fill(0, SIZE - 1));
  const digest = digestOf(bytes);
  const error = await failureOf(client({ url }).uploadArtifact(UPLOAD, bytes, { onProgress }));
  expect(error).toMatchObject({
    code: 'source_changed',
    expected: digest,
    found: digestOf(bytes),
    message: expect.stringContaining('its digest was'),
  });
  expect(artifacts).toEqual([]);
});

test('bytes whose buffer is handed to somebody else are an error', async () => {
  const { url, artifacts } = await bucket();
  const it = client({ url });
  for (const phase of ['hashing', 'sending'] as const) {
    const bytes = new Uint8Array(bytesOf(SIZE));
    const onProgress = at(phase, 0.1, () => structuredClone(bytes, { transfer: [bytes.buffer] }));
    expect(await failureOf(it.uploadArtifact(UPLOAD, bytes, { onProgress }))).toMatchObject({
      code: 'source_changed',
    });
  }
  expect(artifacts).toEqual([]);
});

test('a new file of the same name is not seen: the old one is uploaded whole', async () => {
  const { url, artifacts } = await bucket();
  const path = join(folder(), 'model.bin');
  const bytes = bytesOf(SIZE);
  writeFileSync(path, bytes);
  writeFileSync(`${path}.new`, Buffer.alloc(SIZE));
  const onProgress = at('hashing', 1, () => renameSync(`${path}.new`, path));
  await client({ url }).uploadArtifact(UPLOAD, path, { onProgress });
  expect(bytes.equals(artifacts[0]?.bytes ?? Buffer.alloc(0))).toBe(true);
});
