import { BucketProcess, type BucketProcessOptions } from './bucket-process.ts';

/** Runs `use` with a Bucket that is gone afterwards: killed, where `use` has not stopped it. */
export async function withBucket<T>(
  options: BucketProcessOptions,
  use: (bucket: BucketProcess) => Promise<T>,
): Promise<T> {
  const bucket = await BucketProcess.start(options);
  try {
    return await use(bucket);
  } finally {
    if (bucket.isAlive) bucket.kill('SIGKILL');
    await bucket.end;
  }
}
