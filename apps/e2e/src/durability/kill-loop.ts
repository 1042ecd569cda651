import { setTimeout as sleep } from 'node:timers/promises';
import { BucketProcess } from '../processes/bucket-process.ts';
import { RawClient } from '../processes/raw-client.ts';
import { killWhileStarting } from './kill-while-starting.ts';
import { Ledger } from './ledger.ts';
import { randomNumbers } from './random.ts';
import { readStoredEvents } from './stored-events.ts';

export interface KillLoopOptions {
  readonly dataDir: string;
  readonly rounds: number;
  /** Connections that write at one time. @default 8 */
  readonly writers?: number;
  /** Seed of the moments of the kills; a failing run is run again with it. @default 1 */
  readonly seed?: number;
  readonly onRound?: (summary: KillLoopSummary) => void;
}

/** What the loop came to. `broken` is empty when every promise of CONTRACT A6 was kept. */
export interface KillLoopSummary {
  rounds: number;
  /** Kills that hit a Bucket before it listened: in its recovery of the kill before. */
  killedAtStart: number;
  acknowledged: number;
  unanswered: number;
  stored: number;
  readonly broken: string[];
}

/** The longest a round writes before its kill, in ms. */
const LONGEST_ROUND_MS = 250;
/** One kill in so many hits a Bucket that is still starting. */
const START_KILLS = 5;

/**
 * Kills a Bucket with SIGKILL, `rounds` times, while writers write, and holds what is stored against what was
 * acknowledged: the newest events after every restart, all of them and the file itself at the end.
 */
export async function killLoop(options: KillLoopOptions): Promise<KillLoopSummary> {
  const { dataDir, rounds, writers = 8, seed = 1, onRound = () => {} } = options;
  const random = randomNumbers(seed);
  const ledger = new Ledger();
  const summary: KillLoopSummary = {
    rounds: 0,
    killedAtStart: 0,
    acknowledged: 0,
    unanswered: 0,
    stored: 0,
    broken: [],
  };
  let lastAcknowledged: string[] = [];
  while (summary.rounds < rounds) {
    if (summary.rounds % START_KILLS === START_KILLS - 1) {
      summary.killedAtStart += await killWhileStarting(dataDir, random);
    }
    const bucket = await BucketProcess.start({ dataDir });
    summary.broken.push(...(await checkRestart(bucket, lastAcknowledged)));
    lastAcknowledged = await writeUntilKilled(bucket, ledger, { writers, round: summary.rounds, random });
    summary.rounds += 1;
    summary.acknowledged = ledger.acknowledged.size;
    summary.unanswered = ledger.unanswered.size;
    onRound(summary);
  }
  const last = await BucketProcess.start({ dataDir });
  summary.broken.push(...(await checkRestart(last, lastAcknowledged)));
  const { code } = await last.stop();
  if (code !== 0) summary.broken.push(`after SIGTERM it ended with ${code}`);

  const stored = readStoredEvents(dataDir);
  summary.stored = stored.counts.size;
  for (const [id, status] of ledger.refused) summary.broken.push(`${id}: answered ${status}`);
  summary.broken.push(...ledger.compare(stored));
  return summary;
}

interface Round {
  readonly writers: number;
  readonly round: number;
  readonly random: () => number;
}

/** Returns what was acknowledged in this round, in the order of the answers. */
async function writeUntilKilled(bucket: BucketProcess, ledger: Ledger, round: Round): Promise<string[]> {
  const acknowledged: string[] = [];
  let firstAnswer: () => void = () => {};
  const answered = new Promise<void>((resolve) => {
    firstAnswer = resolve;
  });
  const writers = Array.from({ length: round.writers }, async (_, writer) => {
    const client = new RawClient(bucket.url);
    for (let n = 0; ; n += 1) {
      const id = `${round.round}-${writer}-${n}`;
      const answer = await client.write({
        event_type: 'kill_loop',
        agent_id: `writer-${writer}`,
        metadata: { id },
      });
      ledger.note(id, answer);
      if (ledger.acknowledged.has(id)) acknowledged.push(id);
      firstAnswer();
      if (answer.status === undefined) break;
    }
    client.close();
  });
  await answered;
  await sleep(round.random() * LONGEST_ROUND_MS);
  bucket.kill('SIGKILL');
  await Promise.all([bucket.end, ...writers]);
  return acknowledged;
}

/** A restart after a kill is clean: healthy, nothing to complain about, and what was acknowledged last is shown. */
async function checkRestart(bucket: BucketProcess, acknowledged: readonly string[]): Promise<string[]> {
  const client = new RawClient(bucket.url);
  const health = await client.get('/health');
  const { events } = JSON.parse((await client.get('/core/events?limit=1000')).text);
  client.close();
  const shown = new Set(events.map((event: { metadata: { id: string } }) => event.metadata.id));
  // Events without an answer may stand among the newest 1,000 too: at most one a writer.
  const newest = acknowledged.slice(-900);
  return [
    ...(health.status === 200 ? [] : [`/health after a restart: ${health.status} ${health.text}`]),
    ...bucket.complaints.map((line) => `log after a restart: ${JSON.stringify(line)}`),
    ...newest.filter((id) => !shown.has(id)).map((id) => `${id}: acknowledged and not in /core/events`),
  ];
}
