import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BucketProcess } from '../processes/bucket-process.ts';
import { RawClient } from '../processes/raw-client.ts';
import { bytesFrom, digestOf } from './bytes.ts';
import { blobPath, refPath } from './data-folder.ts';
import { pathOf, versionPathOf } from './names.ts';
import type { StoredAnswer } from './power-cut.ts';
import type { TracedFolder } from './traced-bucket.ts';
import { upload } from './upload.ts';

const BYTES = bytesFrom('killed on the way', 3_000);
const DIGEST = digestOf(BYTES);
const NAME = { bucketId: 'killed', artifactId: 'on-the-way', version: '1' };

/** What an upload makes, in its order. Each is made some time before it is durable. */
export const steps = [
  'folder of blobs',
  'blob',
  'folder of the bucket',
  'folder of the artifact',
  'ref',
] as const;
export type Step = (typeof steps)[number];

function pathOfStep(dataDir: string, step: Step): string {
  const paths: Record<Step, string> = {
    'folder of blobs': dirname(blobPath(dataDir, DIGEST)),
    blob: blobPath(dataDir, DIGEST),
    'folder of the bucket': dirname(dirname(refPath(dataDir, NAME))),
    'folder of the artifact': dirname(refPath(dataDir, NAME)),
    ref: refPath(dataDir, NAME),
  };
  return paths[step];
}

/** Whatever makes a name takes 100 ms longer, after it has made it. */
const SLOW_NAMES = 'mkdir,rename,link,linkat:delay_exit=100000';

/**
 * Kills a Bucket in an upload as soon as `step` can be seen on the disk, which is before the fsync of its folder, and
 * starts another. Returns what that one says of the upload when it is asked in several ways.
 */
export async function killAt(folder: TracedFolder, step: Step): Promise<StoredAnswer[]> {
  const first = await folder.start(SLOW_NAMES);
  const running = upload(first.url, { name: NAME, body: BYTES });
  await seen(pathOfStep(folder.dataDir, step), first);
  first.kill('SIGKILL');
  await first.end;
  const { status } = await running;
  if (status !== undefined) throw new Error(`the upload was answered ${status} before the kill`);

  const second = await folder.start();
  const answers: StoredAnswer[] = [];
  for (const path of [
    versionPathOf(NAME),
    `${versionPathOf(NAME)}&metadata_only=true`,
    `${pathOf(NAME)}/versions`,
  ]) {
    answers.push(...(await readOnce(second.url, path)));
  }
  for (let turn = 0; turn < 2; turn += 1) {
    const { status: again = 0, body, localPort } = await upload(second.url, { name: NAME, body: BYTES });
    const digest = body?.digest ?? body?.error?.details.digest ?? '';
    answers.push({ name: NAME, digest, status: again, localPort });
  }
  await second.stop();
  return answers;
}

/** The answer, if it says that the version is stored. */
async function readOnce(url: string, path: string): Promise<StoredAnswer[]> {
  const client = new RawClient(url);
  const { status, localPort } = await client.get(path);
  client.close();
  if (status === 404) return [];
  return [{ name: NAME, digest: DIGEST, status: status ?? 0, localPort }];
}

async function seen(path: string, bucket: BucketProcess): Promise<void> {
  while (bucket.isAlive) {
    try {
      await access(path);
      return;
    } catch {
      await sleep(2); // not there yet
    }
  }
  throw new Error(`Bucket ended before ${path} was there`);
}
