import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { appendFile, readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectStoreUnderTest, Rot } from '../../src/artifact-store/conformance/test-object-store.ts';
import { openFileObjectStore } from '../../src/artifact-store/files/open.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

export type FilesUnderTest = ObjectStoreUnderTest & {
  readonly folder: string;
  /** The path of an object. */
  pathOf(key: string): string;
};

export async function openFilesUnderTest(): Promise<FilesUnderTest> {
  const { folder, remove } = await tempFolder();
  const onWorkerDeath = (error: Error) => {
    throw error;
  };
  let store = await openFileObjectStore({ folder, onWorkerDeath });
  const pathOf = (key: string) => join(folder, 'artifacts', key);
  return {
    folder,
    store,
    pathOf,
    async reopen() {
      await store.close();
      store = await openFileObjectStore({ folder, onWorkerDeath });
      return store;
    },
    rot: (key, kind) => rot(pathOf(key), kind),
    leftBehind: () => readdir(join(folder, 'artifacts', 'tmp')),
    async dispose() {
      await store.close();
      await remove();
    },
  };
}

/** Damages a file. */
async function rot(path: string, kind: Rot): Promise<void> {
  if (kind === 'missing') await rm(path);
  else if (kind === 'grown') await appendFile(path, 'x');
  else if (kind === 'truncated') await truncate(path, statSync(path).size - 1);
  else flipByte(path, Math.floor(statSync(path).size / 2));
}

export function flipByte(path: string, position: number): void {
  const descriptor = openSync(path, 'r+');
  try {
    const byte = new Uint8Array(1);
    readSync(descriptor, byte, 0, 1, position);
    byte[0] = (byte[0] ?? 0) ^ 1;
    writeSync(descriptor, byte, 0, 1, position);
  } finally {
    closeSync(descriptor);
  }
}
