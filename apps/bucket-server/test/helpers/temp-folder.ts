import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder, and a function that removes it. Nobody else uses the folder that it is in. */
export async function tempFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'bucket-test-'));
  const folder = join(parent, 'data');
  await mkdir(folder);
  return { folder, remove: () => rm(parent, { recursive: true, force: true }) };
}
