import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BucketCalls } from './bucket-calls.ts';
import { readmesIn } from './documents.ts';
import { askBoth, type Facts } from './facts.ts';
import type { Answer } from './http.ts';
import { valueAt } from './json.ts';
import { Progress } from './progress.ts';
import {
  type Plan,
  runWithOutage,
  runWithoutBucket,
  startBucket,
  startCore,
  writeDocuments,
} from './runs.ts';
import { ServerProcesses } from './server-process.ts';
import { tellSnapshot } from './snapshot.ts';
import { tasksOver } from './tasks.ts';
import { type Finding, integrationFindings, linesOf, outageFindings } from './verdict.ts';

const TASKS = 240;
const SEED = 'demo';
/** READMEs are cut off here (characters), so that no single one holds up the demo. */
const MAX_CHARS = 12_000;
/** How many READMEs Core's search has to look through. */
const SEARCHED = 100;

const STORE = fileURLToPath(new URL('../../../../node_modules/.pnpm', import.meta.url));

/** Runs the demo and prints it. Gives whether everything held. */
async function demo(
  servers: ServerProcesses,
  progress: Progress,
  folder: string,
  signal: AbortSignal,
): Promise<boolean> {
  const readmes = await readmesIn(STORE, MAX_CHARS);
  const tasks = tasksOver(readmes, TASKS, SEED);
  const plan: Plan = { servers, progress, signal, folder, tasks, seed: SEED };
  await writeDocuments(join(folder, 'core'), readmes.slice(0, SEARCHED));
  progress.say(`${TASKS} tasks over the READMEs of ${readmes.length} installed packages\n`);

  progress.say('Core without a Bucket');
  const alone = await runWithoutBucket(plan);

  progress.say('\nThe same tasks, with a Bucket');
  const bucket = await startBucket(plan);
  const core = await startCore(plan, bucket.process.url);
  const { answers, outage, counts } = await runWithOutage(plan, core, bucket);
  const asked = await askBoth(new BucketCalls(bucket.process.url, signal), core.url, signal);
  const coreStopped: Finding = { holds: (await core.stop()) === 0, text: 'Core stopped cleanly' };
  const snapshot = await tellSnapshot(plan, bucket.process.url);
  const stops: Finding[] = [
    coreStopped,
    { holds: (await bucket.process.stop()) === 0, text: 'Bucket stopped cleanly' },
    ...snapshot,
  ];

  const facts: Facts = {
    ...asked,
    counts,
    outage,
    lastTaskId: idOf(answers.at(-1)),
    answers: answers.length,
    differing: differing(alone, answers),
  };
  const findings = [...integrationFindings(facts), ...outageFindings(facts), ...stops];
  progress.say(`\n${integrationFindings(facts).flatMap(linesOf).join('\n')}`);
  progress.say(`\n${[...outageFindings(facts), ...stops].flatMap(linesOf).join('\n')}`);
  progress.say(`\n${medians(alone, answers, outage.killedAfter, outage.restartedAfter)}`);
  return findings.every(({ holds }) => holds);
}

/** The numbers (from 1) of the tasks that were answered differently. */
function differing(alone: readonly Answer[], answers: readonly Answer[]): number[] {
  return alone.flatMap((expected, index) => {
    const answer = answers[index];
    const same = answer?.status === expected.status && answer.body.equals(expected.body);
    return same ? [] : [index + 1];
  });
}

function idOf(answer: Answer | undefined): unknown {
  const body: unknown = JSON.parse(answer?.body.toString() ?? 'null');
  return valueAt(body, 'task_id') ?? valueAt(body, 'error', 'details', 'task_id');
}

function medians(
  alone: readonly Answer[],
  answers: readonly Answer[],
  killed: number,
  restarted: number,
): string {
  const median = (some: readonly Answer[]) => {
    const sorted = some.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
    return `${(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(1)} ms`;
  };
  const [well, gone] = [answers.slice(0, killed), answers.slice(killed, restarted)];
  return [
    `Median time of an answer: ${median(well)} with Bucket, ${median(gone)} while it was gone;`,
    `the same tasks without Bucket ${median(alone.slice(0, killed))} and ${median(alone.slice(killed, restarted))}`,
  ].join(' ');
}

const progress = new Progress(process.stdout, 20);
const servers = new ServerProcesses((text) => progress.say(text));
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupt.abort();
    servers.killAll();
  });
}
const folder = await mkdtemp(join(tmpdir(), 'bhiv-demo-'));
try {
  process.exitCode = (await demo(servers, progress, folder, interrupt.signal)) ? 0 : 1;
} catch (error) {
  console.error(interrupt.signal.aborted ? '\nInterrupted' : error);
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
} finally {
  servers.killAll();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
