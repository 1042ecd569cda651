import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BucketCalls } from './bucket-calls.ts';
import { type ClientCounts, clientCounts, giveTask } from './core-calls.ts';
import type { Readme } from './documents.ts';
import { freePort } from './free-port.ts';
import type { Answer } from './http.ts';
import type { Progress } from './progress.ts';
import type { ServerProcess, ServerProcesses } from './server-process.ts';
import type { Task } from './tasks.ts';

/** What a run is made of. */
export type Plan = {
  servers: ServerProcesses;
  progress: Progress;
  signal: AbortSignal;
  /** An empty folder for all data. */
  folder: string;
  tasks: readonly Task[];
  seed: string;
};

/** A Bucket that runs, and where to find it again after a restart. */
export type BucketPlace = { process: ServerProcess; env: Record<string, string> };

/** What happened around the kill. */
export type Outage = {
  /** Client's counts and answers given just before Bucket was killed. */
  atKill: ClientCounts;
  killedAfter: number;
  /** The same when Bucket was back, and how many events it then had. */
  atRestart: ClientCounts;
  restartedAfter: number;
  storedAtRestart: number;
};

/** The client tries a Bucket that was down again a second after its last failure; this is a little more (ms). */
const PROBE_MS = 1_500;
/** Every event is settled 2 s after its call; this is how long to wait for that on a slow machine (ms). */
const SETTLE_MS = 10_000;

/** Puts documents where a Core with this data folder searches. */
export async function writeDocuments(dataDir: string, readmes: readonly Readme[]): Promise<void> {
  await mkdir(join(dataDir, 'documents'), { recursive: true });
  for (const [index, { text }] of readmes.entries()) {
    await writeFile(join(dataDir, 'documents', `${String(index).padStart(3, '0')}.md`), text);
  }
}

/** All answers of a Core whose Bucket is not there: its client is on, and calls a port where nothing listens. */
export async function runWithoutBucket(plan: Plan): Promise<Answer[]> {
  const core = await startCore(plan, `http://127.0.0.1:${await freePort()}`);
  const answers: Answer[] = [];
  await runTasks(plan, core, plan.tasks.length, answers, 'Bucket: none');
  await core.stop();
  return answers;
}

/** Starts a Bucket of the plan's own. */
export async function startBucket({ servers, folder }: Plan): Promise<BucketPlace> {
  const env = { BUCKET_PORT: String(await freePort()), BUCKET_DATA_DIR: join(folder, 'bucket') };
  return { process: await servers.bucket(env), env };
}

/** Starts a Core of the plan's own. `settings` are more of its environment variables. */
export function startCore(
  { servers, folder, seed }: Plan,
  bucketUrl: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  return servers.core({
    CORE_PORT: '0',
    CORE_SEED: seed,
    CORE_DATA_DIR: join(folder, 'core'),
    BUCKET_URL: bucketUrl,
    ...settings,
  });
}

/** All answers of a Core while its Bucket is well, is killed half way, and comes back at three quarters. */
export async function runWithOutage(plan: Plan, core: ServerProcess, bucket: BucketPlace) {
  const answers: Answer[] = [];
  const { tasks, progress, signal } = plan;
  const killedAfter = Math.floor(tasks.length / 2);
  const restartedAfter = Math.floor((tasks.length * 3) / 4);

  await runTasks(plan, core, killedAfter, answers, 'Bucket: well');
  const atKill = await clientCounts(core.url, signal);
  await bucket.process.kill();
  progress.say('  -- Bucket killed with SIGKILL; Core goes on');

  await runTasks(plan, core, restartedAfter, answers, 'Bucket: gone');
  bucket.process = await plan.servers.bucket(bucket.env);
  const { stats } = await new BucketCalls(bucket.process.url, signal).stats();
  await sleep(PROBE_MS, undefined, { signal });
  const atRestart = await clientCounts(core.url, signal);
  progress.say(`  -- Bucket started again with the ${stats.total_events} events that it had`);

  await runTasks(plan, core, tasks.length, answers, 'Bucket: back');
  const outage: Outage = {
    atKill,
    killedAfter,
    atRestart,
    restartedAfter,
    storedAtRestart: stats.total_events,
  };
  return { answers, outage, counts: await settledCounts(core, signal) };
}

/** Gives Core the tasks one after the other, from the first that has no answer up to `until`. */
async function runTasks(plan: Plan, core: ServerProcess, until: number, answers: Answer[], note: string) {
  for (const task of plan.tasks.slice(answers.length, until)) {
    answers.push(await giveTask(core.url, task, plan.signal));
    plan.progress.show(answers.length, plan.tasks.length, note);
  }
}

async function settledCounts(core: ServerProcess, signal: AbortSignal): Promise<ClientCounts> {
  for (const deadline = Date.now() + SETTLE_MS; ; ) {
    const counts = await clientCounts(core.url, signal);
    if (counts.waiting === 0 || Date.now() > deadline) return counts;
    await sleep(50, undefined, { signal });
  }
}
