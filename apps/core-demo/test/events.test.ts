import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { checkProducedEvent } from '@bhiv/contracts/validators';
import { afterEach, describe, expect, test } from '@jest/globals';
import { recordingBucket } from './support/recording-bucket.ts';
import { runningCore } from './support/running-core.ts';
import { MARKDOWN, PLAIN } from './support/texts.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});
async function keep<T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const thing = await starting;
  open.push(thing);
  return thing;
}

const TASKS = [
  { input: PLAIN },
  { input: MARKDOWN, input_type: 'markdown', tags: ['read'] },
  { input: 'How are agents selected?', input_type: 'query' },
  { input: '...', agent: 'summary' },
  { input: PLAIN, agent: 'outline' },
  { input: 'What does Bucket store?', input_type: 'query' },
];

/** A server that accepts and never says anything. */
async function silentServer() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('the events of a task', () => {
  test('that went well are an rl_outcome and an agent_result, as a producer should send them', async () => {
    const bucket = await keep(recordingBucket());
    const core = await keep(runningCore({ BUCKET_URL: bucket.url }));
    const { json } = await core.task({ input: PLAIN, tags: ['summary', 'summary'] });
    expect(await core.client.flush(2_000)).toBe(true);
    expect(bucket.events.flatMap(checkProducedEvent)).toEqual([]);
    const answer = json as { task_id: string; reward: number; response: string }; // checked in http.test.ts
    const byType = new Map(bucket.events.map((event) => [event.event_type, event]));
    expect(byType.size).toBe(2);
    expect(byType.get('rl_outcome')).toMatchObject({
      agent_id: 'summary',
      reward: answer.reward,
      metadata: {
        task_id: answer.task_id,
        processing_time: expect.any(Number),
        input_type: 'text',
        tags: ['summary'],
      },
    });
    expect(byType.get('agent_result')).toMatchObject({
      agent_id: 'summary',
      task_id: answer.task_id,
      result: {
        status: 200,
        response: answer.response,
        processing_time: expect.any(Number),
        model: 'textrank',
        tokens_used: 52,
      },
    });
  });

  test('that failed are one task_error, with the task id of the answer', async () => {
    const bucket = await keep(recordingBucket());
    const core = await keep(runningCore({ BUCKET_URL: bucket.url }));
    const { json } = await core.task({ input: '...', agent: 'summary' });
    expect(await core.client.flush(2_000)).toBe(true);
    expect(bucket.events).toHaveLength(1);
    expect(bucket.events.flatMap(checkProducedEvent)).toEqual([]);
    expect(bucket.events[0]).toMatchObject({
      event_type: 'task_error',
      agent_id: 'summary',
      input_type: 'text',
      error: expect.stringContaining('no sentence'),
    });
    expect(json).toMatchObject({ error: { details: { task_id: bucket.events[0]?.task_id } } });
  });

  test('that was refused are none', async () => {
    const bucket = await keep(recordingBucket());
    const core = await keep(runningCore({ BUCKET_URL: bucket.url }));
    await core.task({ input: PLAIN, agent: 'nobody' });
    expect(core.client.stats().calls).toBe(0);
  });

  test('carry what Bucket last said of the agent, once it has said it', async () => {
    const context = {
      agent_id: 'summary',
      event_count: 41,
      last_updated: '2026-01-29T10:30:00.000Z',
      recent_event_types: ['rl_outcome'],
    };
    const bucket = await keep(recordingBucket(context));
    const core = await keep(runningCore({ BUCKET_URL: bucket.url }));
    await core.task({ input: PLAIN, agent: 'summary' });
    while (core.client.stats().reads.answered < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    await core.task({ input: PLAIN, agent: 'summary' });
    await core.client.flush(2_000);
    const outcomes = bucket.events.filter((event) => event.event_type === 'rl_outcome');
    expect(outcomes[0]).not.toHaveProperty('metadata.known_event_count');
    expect(outcomes[1]).toHaveProperty('metadata.known_event_count', 41);
    expect(bucket.reads[0]).toContain('agent_id=summary');
  });

  test('are neither written nor read when CORE_BUCKET is off', async () => {
    const bucket = await keep(recordingBucket());
    const core = await keep(runningCore({ BUCKET_URL: bucket.url, CORE_BUCKET: 'off' }));
    expect(await core.task({ input: PLAIN })).toMatchObject({ status: 200 });
    await core.client.close(1_000);
    expect([...bucket.events, ...bucket.reads]).toEqual([]);
  });
});

describe('the answers of a Core', () => {
  async function answersWith(url: string): Promise<string[]> {
    const core = await keep(runningCore({ BUCKET_URL: url }));
    const answers: string[] = [];
    for (const task of TASKS) {
      const { status, text } = await core.task(task);
      answers.push(`${status} ${text}`);
    }
    return answers;
  }

  test('are the same to the byte with Bucket, without it, with its context, and with one that is silent', async () => {
    const context = {
      agent_id: 'x',
      event_count: 9,
      last_updated: '2026-01-29T10:30:00.000Z',
      recent_event_types: [],
    };
    const [well, knowing, silent] = [
      await keep(recordingBucket()),
      await keep(recordingBucket(context)),
      await keep(silentServer()),
    ];
    const expected = await answersWith('http://127.0.0.1:1');
    expect(expected.map((answer) => answer.slice(0, 3))).toEqual(['200', '200', '200', '422', '200', '200']);
    expect(await answersWith(well.url)).toEqual(expected);
    expect(await answersWith(knowing.url)).toEqual(expected);
    const started = performance.now();
    expect(await answersWith(silent.url)).toEqual(expected);
    // Six tasks that waited for a context would take 12 s.
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});
