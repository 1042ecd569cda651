import { access } from 'node:fs/promises';
import { refPath } from './data-folder.ts';
import { type Download, download, getText, listVersions } from './download.ts';
import type { FaultGround, FreshUpload } from './fault-ground.ts';
import { type UploadAnswer, upload } from './upload.ts';

/** A fault that hit a call on a file of artifacts. */
interface FaultHit {
  readonly errno: string;
  readonly call: string;
}

/** One operation that is made ready, done once, and judged. */
interface FaultRun {
  /** What is stored, or is to be: it tells the paths. */
  readonly fresh: FreshUpload;
  /** Resolves with the status of the answer; undefined where the connection broke. */
  run(): Promise<number | undefined>;
  /** What is wrong with what came of it and with what can be done afterwards, in words. null: no call failed. */
  judge(hit: FaultHit | null): Promise<string[]>;
}

export interface FaultOperation {
  readonly title: string;
  prepare(ground: FaultGround): Promise<FaultRun>;
}

/** Bodies up to 64 KiB wait in memory; larger ones go through a temporary file from the start. */
export const operations: readonly FaultOperation[] = [
  { title: 'a small upload', prepare: async (ground) => uploadRun(ground, 3_000) },
  { title: 'a large upload', prepare: async (ground) => uploadRun(ground, 700_000) },
  { title: 'a download', prepare: downloadRun },
];

/** An upload is stored all the same when only its temporary file could not be removed, or nobody knows how much is free. */
const NOT_NEEDED = new Set(['unlink', 'unlinkat', 'statfs']);

function uploadRun(ground: FaultGround, size: number): FaultRun {
  const { bucket } = ground;
  const fresh = ground.freshUpload(size);
  let answer: UploadAnswer | undefined;
  return {
    fresh,
    async run() {
      answer = await upload(bucket.url, fresh);
      return answer.status;
    },
    async judge(hit) {
      if (answer === undefined) throw new Error('nothing was sent');
      const isStored = answer.status === 201;
      const unseen = isStored ? [] : await notSeen(ground, fresh);
      return [...judgeAnswer(answer, hit), ...unseen, ...(await works(ground, fresh, isStored ? 409 : 201))];
    },
  };
}

function judgeAnswer({ status, body }: UploadAnswer, hit: FaultHit | null): string[] {
  const code = body?.error?.code;
  if (hit === null || (status === 201 && NOT_NEEDED.has(hit.call))) {
    return status === 201 ? [] : [`answered ${status} ${code}`];
  }
  const [right, rightCode] = hit.errno === 'ENOSPC' ? [507, 'disk_full'] : [503, 'engine_unavailable'];
  return status === right && code === rightCode ? [] : [`answered ${status} ${code}`];
}

/** A refused upload cannot be seen in any way. */
async function notSeen({ bucket, dataDir }: FaultGround, { name }: FreshUpload): Promise<string[]> {
  const { status } = await download(bucket.url, name);
  const listed = await listVersions(bucket.url, name);
  const isThere = await access(refPath(dataDir, name)).then(
    () => true,
    () => false,
  );
  return [
    ...(status === 404 ? [] : [`refused, and GET answers ${status}`]),
    ...(listed.length === 0 ? [] : ['refused, and listed']),
    ...(isThere ? ['refused, and its ref is there'] : []),
  ];
}

/** The same upload once more is answered as it must be, and read back; so is the next one, and all is well. */
async function works(ground: FaultGround, fresh: FreshUpload, expected: number): Promise<string[]> {
  const { url } = ground.bucket;
  const { status, body } = await upload(url, fresh);
  const read = await download(url, fresh.name);
  const next = await upload(url, { ...fresh, name: { ...fresh.name, version: 'next' } });
  const health = await getText(`${url}/health`);
  return [
    ...(status === expected ? [] : [`sent again, it is answered ${status} ${JSON.stringify(body)}`]),
    ...(isRight(read, fresh) ? [] : [`sent again, GET has ${JSON.stringify(read)}`]),
    ...(next.status === 201
      ? []
      : [`the next version is answered ${next.status} ${JSON.stringify(next.body)}`]),
    ...(health.status === 200 ? [] : [`/health is ${health.status} afterwards: ${health.text}`]),
  ];
}

function isRight({ status, digest, endedWell }: Download, fresh: FreshUpload): boolean {
  return status === 200 && endedWell && digest === fresh.digest;
}

async function downloadRun(ground: FaultGround): Promise<FaultRun> {
  const { bucket } = ground;
  const fresh = ground.freshUpload(700_000);
  await upload(bucket.url, fresh);
  let read: Download | undefined;
  return {
    fresh,
    async run() {
      read = await download(bucket.url, fresh.name);
      return read.status;
    },
    async judge(hit) {
      if (read === undefined) throw new Error('nothing was read');
      return [...judgeRead(read, fresh, hit), ...(await works(ground, fresh, 409))];
    },
  };
}

/** What ends well is right; what fails says so before the first byte, or breaks. */
function judgeRead(read: Download, fresh: FreshUpload, hit: FaultHit | null): string[] {
  if (hit === null || (read.endedWell && read.status === 200)) {
    return isRight(read, fresh) ? [] : [`GET has ${JSON.stringify(read)}`];
  }
  return !read.endedWell || [500, 503, 507].includes(read.status ?? 0) ? [] : [`GET answers ${read.status}`];
}
