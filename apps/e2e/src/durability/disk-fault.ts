import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BucketProcess } from '../processes/bucket-process.ts';
import { RawClient } from '../processes/raw-client.ts';
import { Ledger } from './ledger.ts';
import { readStoredEvents } from './stored-events.ts';

/** A fault that the disk of a running Bucket gets, and loses again. */
export interface DiskFault {
  begin(bucket: BucketProcess, logPath: string): Promise<void>;
  /** May be called again after the fault has ended. */
  end(): Promise<void>;
  /** What one event carries, in bytes. @default 0 */
  readonly eventBytes?: number;
  /** How long is written while the fault lasts, in ms. @default 1500 */
  readonly lastsMs?: number;
  /** Kills Bucket with SIGKILL while the fault lasts, so that the next one recovers what the fault left. */
  readonly kill?: boolean;
}

/** What a Bucket said and did through a fault of its disk. `broken` is empty when it kept its word. */
export interface DiskFaultReport {
  readonly broken: readonly string[];
  /** The different statuses that refused an event while the fault lasted. */
  readonly refusals: readonly number[];
  /** The `error.code`s of those refusals. */
  readonly codes: readonly string[];
  readonly acknowledgedBefore: number;
  readonly acknowledgedInFault: number;
  /** /health while the fault lasted. */
  readonly health: { readonly status: number | undefined; readonly body: Record<string, unknown> };
  /** From the end of the fault to the first event that was acknowledged again, in ms; undefined after a kill. */
  readonly worksAgainMs: number | undefined;
}

const WRITERS = 4;
const WORKS_AGAIN_WITHIN_MS = 10_000;

/** Writes before, in and after the fault, and holds the file against what was answered. */
export async function liveThrough(fault: DiskFault, dataDir: string): Promise<DiskFaultReport> {
  const witness = new Witness(fault.eventBytes ?? 0);
  const bucket = await BucketProcess.start({ dataDir });
  const client = new RawClient(bucket.url);
  const broken: string[] = [];
  try {
    for (let n = 0; n < 50; n += 1) await witness.write(client, `before-${n}`);
    const acknowledgedBefore = witness.ledger.acknowledged.size;

    await fault.begin(bucket, join(await realpath(dataDir), 'events.db-wal'));
    await writeInFault(bucket.url, witness, fault.lastsMs ?? 1_500);
    const acknowledgedInFault = witness.ledger.acknowledged.size - acknowledgedBefore;
    const refusals = witness.ledger.refusals;
    const codes = [...witness.codes];
    const answer = await client.get('/health');
    const health = { status: answer.status, body: JSON.parse(answer.text) };
    if (!bucket.isAlive) broken.push('the process died');

    const worksAgainMs = await endFault(fault, bucket, (n) => witness.write(client, `after-${n}`));
    await bucket.stop();
    broken.push(...(await checkFile(dataDir, witness.ledger)));
    return { broken, refusals, codes, acknowledgedBefore, acknowledgedInFault, health, worksAgainMs };
  } finally {
    client.close();
    if (bucket.isAlive) bucket.kill('SIGKILL');
    await fault.end();
  }
}

/** Writes events and keeps what was said about each. */
class Witness {
  readonly ledger = new Ledger();
  readonly codes = new Set<string>();
  readonly #padding: string;

  constructor(eventBytes: number) {
    this.#padding = 'x'.repeat(eventBytes);
  }

  /** True when the event was acknowledged. */
  async write(client: RawClient, id: string): Promise<boolean> {
    const metadata = { id, padding: this.#padding };
    const answer = await client.write({ event_type: 'disk_fault', agent_id: 'a', metadata });
    this.ledger.note(id, answer);
    if (this.ledger.refused.has(id)) this.codes.add(JSON.parse(answer.text).error.code);
    return this.ledger.acknowledged.has(id);
  }
}

async function writeInFault(url: string, witness: Witness, lastsMs: number): Promise<void> {
  const until = Date.now() + lastsMs;
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    const connection = new RawClient(url);
    for (let n = 0; Date.now() < until; n += 1) {
      if (!(await witness.write(connection, `in-${writer}-${n}`))) await sleep(20);
    }
    connection.close();
  });
  await Promise.all(writers);
}

/** Ends the fault, and resolves to the ms until an event was acknowledged; undefined where Bucket is killed in it. */
async function endFault(
  fault: DiskFault,
  bucket: BucketProcess,
  attempt: (n: number) => Promise<boolean>,
): Promise<number | undefined> {
  if (fault.kill) {
    bucket.kill('SIGKILL');
    await bucket.end; // before the fault's: a tracer that lets go of a dying process may hang
    await fault.end();
    return undefined;
  }
  await fault.end();
  const started = performance.now();
  for (let n = 0; performance.now() - started < WORKS_AGAIN_WITHIN_MS; n += 1) {
    if (await attempt(n)) return performance.now() - started;
    await sleep(50);
  }
  return Number.POSITIVE_INFINITY;
}

/** Reads the file after one more start and stop: recovery must not bring back what was refused. */
async function checkFile(dataDir: string, ledger: Ledger): Promise<string[]> {
  const { code } = await (await BucketProcess.start({ dataDir })).stop();
  const stop = code === 0 ? [] : [`after SIGTERM it ended with ${code}`];
  return [...stop, ...ledger.compare(readStoredEvents(dataDir))];
}
