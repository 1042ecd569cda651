import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import type { BucketProcess } from '../processes/bucket-process.ts';
import { withBucket } from '../processes/with-bucket.ts';
import { bytesFrom } from './bytes.ts';
import { download } from './download.ts';
import { resetPeak, residentMemory } from './resident-memory.ts';
import { upload } from './upload.ts';

export interface ManyUploadsOptions {
  readonly dataDir: string;
  readonly uploads: number;
  /** Of each body, in bytes: a multiple of 1 MiB. */
  readonly size: number;
}

export interface ManyUploadsSummary {
  /** By how much the server's resident memory grew at the most, in bytes: uploads, then downloads of all of them. */
  readonly grownBy: { readonly uploading: number; readonly downloading: number };
  /** From the first byte sent to the last answer, in s. */
  readonly seconds: { readonly uploading: number; readonly downloading: number };
  readonly broken: string[];
}

const MIB = 2 ** 20;

/** Sends `uploads` different bodies at one time, reads them all back at one time, and watches the server's memory. */
export async function manyUploads({
  dataDir,
  uploads,
  size,
}: ManyUploadsOptions): Promise<ManyUploadsSummary> {
  const { bavail, bsize } = await statfs(dataDir);
  if (bavail * bsize < 1.2 * uploads * size)
    throw new Error(`${dataDir} has no room for ${uploads} × ${size} bytes`);
  const bodies = Array.from({ length: uploads }, (_, number) => new Body(number, size));
  const broken: string[] = [];
  return withBucket({ dataDir }, async (bucket) => {
    const before = (await residentMemory(bucket.pid)).now;
    const [uploading, seconds] = await timed(bucket, before, async () => {
      const answers = await Promise.all(
        bodies.map(({ name, digest, pieces }) => upload(bucket.url, { name, digest, size, body: pieces() })),
      );
      broken.push(...answers.filter(({ status }) => status !== 201).map((answer) => JSON.stringify(answer)));
    });
    const [downloading, downloadSeconds] = await timed(bucket, before, async () => {
      const reads = await Promise.all(bodies.map(({ name }) => download(bucket.url, name)));
      const isRight = (index: number) =>
        reads[index]?.endedWell && reads[index].digest === bodies[index]?.digest;
      broken.push(...reads.filter((_, index) => !isRight(index)).map((read) => JSON.stringify(read)));
    });
    await bucket.stop();
    return {
      grownBy: { uploading, downloading },
      seconds: { uploading: seconds, downloading: downloadSeconds },
      broken,
    };
  });
}

async function timed(
  { pid }: BucketProcess,
  before: number,
  work: () => Promise<void>,
): Promise<[grownBy: number, seconds: number]> {
  await resetPeak(pid);
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1_000;
  return [(await residentMemory(pid)).peak - before, seconds];
}

/** One mebibyte over and over, behind a first one of its own: large, different, and cheap to make. */
class Body {
  readonly name: { readonly bucketId: string; readonly artifactId: string; readonly version: string };
  readonly digest: string;
  readonly #first: Buffer;
  readonly #count: number;

  constructor(number: number, size: number) {
    this.name = { bucketId: 'large', artifactId: `a${number}`, version: '1' };
    this.#first = bytesFrom(`large-${number}`, MIB);
    this.#count = size / MIB;
    const hash = createHash('sha256');
    for (const piece of this.pieces()) hash.update(piece);
    this.digest = `sha256:${hash.digest('hex')}`;
  }

  readonly pieces = function* (this: Body): Generator<Buffer> {
    yield this.#first;
    for (let count = 1; count < this.#count; count += 1) yield COMMON;
  }.bind(this);
}

const COMMON = bytesFrom('large', MIB);
