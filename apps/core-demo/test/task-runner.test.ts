import { BucketClient } from '@bhiv/bucket-client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AgentOutput } from '../src/agent.ts';
import { createApp } from '../src/app.ts';
import { TaskRunner } from '../src/tasks/task-runner.ts';
import { recordingBucket } from './support/recording-bucket.ts';
import { served } from './support/running-core.ts';

let bucket: Awaited<ReturnType<typeof recordingBucket>>;
beforeAll(async () => {
  bucket = await recordingBucket();
});
afterAll(() => bucket.close());

const RULES = { exploration: 0, explorationDecay: 1, seed: 's' };
const TASK = { input: 'any', inputType: 'text', tags: [] };
const GOOD: AgentOutput = { response: 'done', data: {}, measures: { quality: 0.5 } };

/** A runner whose first choice is an agent that does `work`, and whose second is one that works well. */
function runnerWith(work: () => AgentOutput) {
  const client = new BucketClient({ url: bucket.url });
  const faults: unknown[] = [];
  const runner = new TaskRunner(
    [
      { id: 'first', tags: [], inputTypes: ['text'], weight: 2, agent: { model: 'm', run: work } },
      { id: 'second', tags: [], inputTypes: ['text'], weight: 1, agent: { model: 'm', run: () => GOOD } },
    ],
    RULES,
    client,
    (error, task) => faults.push([error, task.agentId]),
  );
  return { runner, client, faults };
}

describe('an agent with a fault', () => {
  const fault = new TypeError('cannot read x of undefined');

  test('fails its task: agent_failed for the caller, the fault for the log, a task_error for Bucket', async () => {
    const { runner, client, faults } = runnerWith(() => {
      throw fault;
    });
    const failure = await runner.run(TASK).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'agent_failed', details: { agent: 'first' } });
    expect(String(failure)).not.toContain('cannot read');
    expect(faults).toEqual([[fault, 'first']]);
    await client.close();
    expect(bucket.events.at(-1)).toMatchObject({
      event_type: 'task_error',
      error: expect.stringContaining('cannot read x'),
    });
  });

  test('earned nothing, so that another is chosen', async () => {
    const { runner, client } = runnerWith(() => {
      throw fault;
    });
    await expect(runner.run(TASK)).rejects.toThrow();
    expect(await runner.run(TASK)).toMatchObject({ agent: 'second', selected_by: 'ucb1' });
    expect(await runner.run(TASK)).toMatchObject({ agent: 'second', selected_by: 'ucb1' });
    expect(runner.counts).toEqual({ taken: 3, failed: 1 });
    await client.close();
  });

  test('is also one whose measures are none', async () => {
    const { runner, client } = runnerWith(() => ({ ...GOOD, measures: { quality: 3 } }));
    await expect(runner.run(TASK)).rejects.toMatchObject({ code: 'agent_failed' });
    await client.close();
  });
});

test('a fault of Core itself is answered with 500, and explained to the log only', async () => {
  const { runner, client } = runnerWith(() => GOOD);
  const fault = new Error('the inside story');
  const faults: unknown[] = [];
  const core = await served(
    createApp({
      runner,
      sink: {
        stats() {
          throw fault;
        },
      },
      version: '0',
      shownConfig: () => ({}),
      maxBodyBytes: 1024,
      local: true,
      onFault: (error) => faults.push(error),
    }),
  );
  const answer = await core.get('/health');
  expect(answer).toMatchObject({ status: 500, json: { error: { code: 'internal_error', details: {} } } });
  expect(answer.text).not.toContain('inside story');
  expect(faults).toEqual([fault]);
  await core.close();
  await client.close();
});
