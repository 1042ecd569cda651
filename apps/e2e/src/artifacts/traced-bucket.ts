import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { BucketProcess } from '../processes/bucket-process.ts';
import { type FileCall, fileTraceCommand, readFileTrace } from './file-trace.ts';

/** A data folder whose Buckets are traced, one after another, from the first start on the empty folder. */
export class TracedFolder {
  readonly dataDir: string;
  #bucket: BucketProcess | undefined;
  readonly #folder: string;
  #starts = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.dataDir = join(folder, 'data');
  }

  /** Runs `use`; kills a Bucket that is left over. `folder` takes the data folder and the traces. */
  static async use<T>(folder: string, use: (traced: TracedFolder) => Promise<T>): Promise<T> {
    const traced = new TracedFolder(await realpath(folder));
    await mkdir(traced.dataDir);
    try {
      return await use(traced);
    } finally {
      if (traced.#bucket?.isAlive) traced.#bucket.kill('SIGKILL');
      await traced.#bucket?.end;
    }
  }

  /** Starts a Bucket under strace, when the one before has ended. `inject` is as in strace(1). */
  async start(inject?: string): Promise<BucketProcess> {
    const wrapper = fileTraceCommand(this.#prefix(this.#starts), inject);
    this.#starts += 1;
    this.#bucket = await BucketProcess.start({ dataDir: this.dataDir, wrapper });
    return this.#bucket;
  }

  /** What each Bucket so far did, in order. Complete once they have ended. */
  calls(): Promise<FileCall[][]> {
    return Promise.all(
      Array.from({ length: this.#starts }, (_, start) => readFileTrace(this.#prefix(start))),
    );
  }

  #prefix(start: number): string {
    return join(this.#folder, `trace-${start}`);
  }
}
