import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesFrom, digestOf } from './bytes.ts';
import { download } from './download.ts';
import { openUpload, upload } from './upload.ts';

const PROMISED_BYTES = 8 * 2 ** 20;

export interface SlowClientsOptions {
  readonly count: number;
  /** What each sends at once, before it goes on with one byte a second. */
  readonly quickBytes: number;
}

/** Clients that have begun an upload and go on with one byte a second, until `stop`. */
export class SlowClients {
  readonly #requests: ClientRequest[];
  readonly #ticking: NodeJS.Timeout;
  /** How many were cut off or answered before `stop`. */
  ended = 0;

  private constructor(requests: ClientRequest[]) {
    this.#requests = requests;
    for (const each of requests) each.once('close', () => (this.ended += 1));
    this.#ticking = setInterval(() => {
      for (const each of requests) if (!each.destroyed) each.write('x');
    }, 1_000);
  }

  /** Resolves when all of them have sent what they send at once. */
  static async start(url: string, { count, quickBytes }: SlowClientsOptions): Promise<SlowClients> {
    const bytes = bytesFrom('slow', quickBytes);
    const requests = Array.from({ length: count }, (_, client) => {
      const name = { bucketId: 'slow', artifactId: `client-${client}`, version: '1' };
      const digest = digestOf(Buffer.from('never whole'));
      const outgoing = openUpload(url, { name, digest, size: PROMISED_BYTES, body: [] });
      outgoing.on('error', () => undefined); // it ends when it is stopped: that is what `ended` is for
      return outgoing;
    });
    await Promise.all(
      requests.map(async (outgoing) => {
        outgoing.flushHeaders();
        if (!outgoing.write(bytes)) await once(outgoing, 'drain');
      }),
    );
    return new SlowClients(requests);
  }

  stop(): void {
    clearInterval(this.#ticking);
    for (const each of this.#requests) each.destroy();
  }
}

/** Uploads 1 MiB and reads it back, `times` times, and returns how long each took, in ms, in order of length. */
export async function quickUploads(url: string, series: string, times: number): Promise<number[]> {
  const durations: number[] = [];
  for (let count = 0; count < times; count += 1) {
    const name = { bucketId: 'quick', artifactId: series, version: String(count) };
    const body = bytesFrom(`${series}-${count}`, 2 ** 20);
    const started = performance.now();
    const { status } = await upload(url, { name, body });
    const read = await download(url, name);
    durations.push(performance.now() - started);
    if (status !== 201 || read.digest !== digestOf(body)) throw new Error(`the quick upload got ${status}`);
    await sleep(50);
  }
  return durations.sort((one, other) => one - other);
}
