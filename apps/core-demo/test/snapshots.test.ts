import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRegistry, openSqliteStore, type Registry } from '@bhiv/artifact-registry';
import { startTestBucket, type TestBucket } from '@bhiv/bucket-client/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { coreProcess, endAll } from './support/core-process.ts';
import { PLAIN } from './support/texts.ts';

const TASKS = [
  { input: PLAIN },
  { input: PLAIN, agent: 'outline' },
  { input: PLAIN, tags: ['read'] },
  { input: 'What does Bucket store?', input_type: 'query' },
  { input: PLAIN },
];

/** For tests that start several Cores, on a slow day (ms). */
const SLOW = 120_000;

let folder: string;
let bucket: TestBucket;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'core-snapshots-'));
  bucket = await startTestBucket();
});
afterEach(async () => {
  await endAll();
  await bucket.close();
  await rm(folder, { recursive: true });
});

/** Runs a Core from its start to its stop; gives its answers, what it started from, what it said, and how it ended. */
async function run(env: Record<string, string> = {}, tasks: readonly object[] = TASKS) {
  const core = coreProcess({ CORE_SEED: 'one', CORE_DATA_DIR: folder, BUCKET_URL: bucket.url, ...env });
  const { url } = await core.listening();
  const answers: string[] = [];
  for (const task of tasks) {
    const answer = await fetch(`${url}/handle_task`, { method: 'POST', body: JSON.stringify(task) });
    answers.push(`${answer.status} ${await answer.text()}`);
  }
  const config: { started_from: unknown } = JSON.parse(await (await fetch(`${url}/config`)).text());
  const stopped = performance.now();
  core.child.kill('SIGTERM');
  const status = await core.exit();
  const stopMs = performance.now() - stopped;
  return {
    answers,
    startedFrom: config.started_from,
    status,
    stopMs,
    said: core.said(),
    errors: core.errors(),
  };
}

async function withRegistry<T>(use: (registry: Registry) => Promise<T>): Promise<T> {
  const registry = openRegistry({ store: await openSqliteStore({ path: join(folder, 'registry.db') }) });
  try {
    return await use(registry);
  } finally {
    await registry.close();
  }
}

const latest = () => withRegistry((registry) => registry.getLatest('core-selector'));

describe('a Core that stops', () => {
  test('publishes what it learnt: packs and a manifest in Bucket, a row in the registry of its data folder', async () => {
    const { status, errors } = await run();
    expect([status, errors]).toEqual([0, '']);
    const record = await latest();
    expect(record).toMatchObject({
      bucketId: 'core-snapshots',
      artifactId: 'core-selector',
      version: expect.stringMatching(/^run-[0-9a-f-]{36}$/),
      kind: 'manifest',
      metadata: { tasks: 5 },
    });
    const stored = bucket.artifacts.map(({ metadata }) => metadata);
    expect(stored.map(({ artifact_id: id }) => id)).toEqual(['core-selector.packs', 'core-selector']);
    expect(stored.at(-1)).toMatchObject({ version: record?.version, digest: record?.digest });
    const state = JSON.parse(Buffer.from(bucket.artifacts[0]?.bytes ?? []).toString());
    const tasksOf = state.agents.map(({ tasks }: { tasks: number }) => tasks);
    expect(tasksOf.reduce((sum: number, tasks: number) => sum + tasks, 0)).toBe(5);
  });

  test('publishes nothing where it learnt nothing, where it is told not to, and where it has no Bucket', async () => {
    await run({}, []);
    await run({ CORE_SNAPSHOTS: 'off' });
    await run({ CORE_BUCKET: 'off' });
    expect(bucket.artifacts).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a Core that starts from :latest', () => {
  test(
    'goes on with what was learnt, and its snapshot is a child of that one',
    async () => {
      await run();
      const first = (await latest())?.version ?? '';
      const second = await run({ CORE_START_FROM: ':latest' });
      expect(second.startedFrom).toEqual({ snapshot: first, tasks: 5 });
      // Of a Core without a past, the first choice is by input type.
      expect(second.answers[0]).toContain('"selected_by":"ucb1"');
      expect(await latest()).toMatchObject({ metadata: { tasks: 10 } });
      const parents = await withRegistry(async (registry) => {
        const version = (await registry.getLatest('core-selector'))?.version ?? '';
        return (await registry.getAncestors('core-selector', version)).nodes.map((node) => node.version);
      });
      expect(parents.slice(1)).toEqual([first]);

      const third = await run({ CORE_START_FROM: `@${first}` });
      expect(third.startedFrom).toEqual({ snapshot: first, tasks: 5 });
      expect(third.answers).toEqual(second.answers);
    },
    SLOW,
  );

  test(
    'starts anew, with the answers of a new Core, where there is none or Bucket cannot give it',
    async () => {
      const anew = await run({ CORE_BUCKET: 'off' });
      const none = await run({ CORE_START_FROM: ':latest' });
      expect(none.said).toContain('could not be fetched');
      bucket.clear(); // now there is a row, and Bucket does not have what it names
      const gone = await run({ CORE_START_FROM: ':latest' });
      bucket.fail('reset');
      const broken = await run({ CORE_START_FROM: ':latest' });
      for (const { answers, startedFrom, status, said } of [none, gone, broken]) {
        expect([status, startedFrom]).toEqual([0, { snapshot: null, tasks: 0 }]);
        expect(answers).toEqual(anew.answers);
        expect(said).toContain('Core starts anew');
      }
    },
    SLOW,
  );

  test('does not start with a reference that is none', async () => {
    const { exit, errors } = coreProcess({ CORE_START_FROM: 'latest', CORE_DATA_DIR: folder });
    expect(await exit()).toBe(1);
    expect(errors()).toContain('CORE_START_FROM is "latest"; give :latest, :alias or @version');
  });
});

describe('what a snapshot may not do', () => {
  test('hold up a stop: Bucket is not there, or answers with faults', async () => {
    const gone = await run({ BUCKET_URL: 'http://127.0.0.1:1' });
    bucket.fail({ status: 500 });
    const faulty = await run();
    for (const { status, errors, said } of [gone, faulty]) {
      expect([status, errors]).toEqual([0, '']);
      expect(said).toContain('could not be published');
    }
    expect(gone.answers).toEqual(faulty.answers);
    expect(await readdir(folder)).toEqual([]);
  });

  test('hold up a stop for long: Bucket is silent', async () => {
    bucket.fail('silent');
    const { status, stopMs, said } = await run();
    expect([status, said.includes('could not be published')]).toEqual([0, true]);
    expect(stopMs).toBeLessThan(8_000); // 2 s, and a slow day
  });

  test('end a Core: the registry is no registry', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, 'registry.db'),
      'this is the file of another program, long enough to be one\n',
    );
    const { status, errors, said, startedFrom } = await run({ CORE_START_FROM: ':latest' });
    expect([status, errors, startedFrom]).toEqual([0, '', { snapshot: null, tasks: 0 }]);
    expect(said).toContain('could not be fetched');
    expect(said).toContain('could not be published');
  });
});
