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
  const ledger = new Ledger();
  const codes = new Set<string>();
  const padding = 'x'.repeat(fault.eventBytes ?? 0);
  const write = async (client: RawClient, id: string) => {
    const answer = await client.write({ event_type: 'disk_fault', agent_id: 'a', metadata: { id, padding } });
    ledger.note(id, answer);
    if (ledger.refused.has(id)) codes.add(JSON.parse(answer.text).error.code);
    return ledger.acknowledged.has(id);
  };

  const bucket = await BucketProcess.start({ dataDir });
  const client = new RawClient(bucket.url);
  for (let n = 0; n < 50; n += 1) await write(client, `before-${n}`);
  const acknowledgedBefore = ledger.acknowledged.size;

  await fault.begin(bucket, join(await realpath(dataDir), 'events.db-wal'));
  const until = Date.now() + (fault.lastsMs ?? 1_500);
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      const connection = new RawClient(bucket.url);
      for (let n = 0; Date.now() < until; n += 1) {
        if (!(await write(connection, `in-${writer}-${n}`))) await sleep(20);
      }
      connection.close();
    }),
  );
  const acknowledgedInFault = ledger.acknowledged.size - acknowledgedBefore;
  const health = await client.get('/health');
  const report = {
    refusals: ledger.refusals,
    codes: [...codes],
    acknowledgedBefore,
    acknowledgedInFault,
    health: { status: health.status, body: JSON.parse(health.text) },
  };

  let worksAgainMs: number | undefined;
  if (fault.kill) bucket.kill('SIGKILL');
  await fault.end();
  if (!fault.kill) worksAgainMs = await waitUntilItWorks((n) => write(client, `after-${n}`));
  client.close();
  const broken = bucket.isAlive || fault.kill ? [] : ['the process died'];
  await bucket.stop();

  // Once more through a start: recovery must not bring back what was refused.
  const { code } = await (await BucketProcess.start({ dataDir })).stop();
  if (code !== 0) broken.push(`after SIGTERM it ended with ${code}`);
  return { ...report, worksAgainMs, broken: [...broken, ...ledger.compare(readStoredEvents(dataDir))] };
}

async function waitUntilItWorks(attempt: (n: number) => Promise<boolean>): Promise<number> {
  const started = performance.now();
  for (let n = 0; performance.now() - started < WORKS_AGAIN_WITHIN_MS; n += 1) {
    if (await attempt(n)) return performance.now() - started;
    await sleep(50);
  }
  return Number.POSITIVE_INFINITY;
}
