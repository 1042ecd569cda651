import { setTimeout as sleep } from 'node:timers/promises';
import { BucketProcess } from '../processes/bucket-process.ts';

/** Kills a Bucket with SIGKILL at a random moment of its start. Returns 1 when that was before it listened. */
export async function killWhileStarting(dataDir: string, random: () => number): Promise<number> {
  const bucket = BucketProcess.spawn({ dataDir });
  let listened = false;
  void bucket.listening().then((answer) => {
    listened = answer;
  });
  await sleep(random() * 400);
  const early = !listened;
  bucket.kill('SIGKILL');
  await bucket.end;
  return early ? 1 : 0;
}
