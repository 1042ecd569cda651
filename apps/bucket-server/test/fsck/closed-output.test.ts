import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type FilesUnderTest, openFilesUnderTest } from '../artifact-store/files-under-test.ts';

let files: FilesUnderTest;

beforeEach(async () => {
  files = await openFilesUnderTest();
  await files.store.close();
});
afterEach(() => files.dispose());

/** Runs the program with an output that nobody reads any more. */
async function fsckUnread(): Promise<{ status: number | null; stderr: string }> {
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'fsck'], {
    env: { BUCKET_DATA_DIR: files.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stderr };
}

test('an output that nobody reads any more: the status is that of the check', async () => {
  for (let number = 0; number < 50; number += 1) mkdirSync(files.pathOf(`blobs/x${number}`));
  expect(await fsckUnread()).toEqual({ status: 0, stderr: '' });
  mkdirSync(files.pathOf('refs/b/a'), { recursive: true });
  writeFileSync(files.pathOf('refs/b/a/1.json'), '');
  expect(await fsckUnread()).toEqual({ status: 1, stderr: '' });
});
