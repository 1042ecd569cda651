import { BucketClient } from '@bhiv/bucket-client';
import { checkProducedEvent } from '@bhiv/contracts/validators';
import { describe, expect } from '@jest/globals';
import { threadModes } from '../src/outage/child-protocol.ts';
import { findPython, startPythonServer } from '../src/processes/python.ts';
import { engineTest } from './engine-test.ts';

const found = findPython(['fastapi', 'uvicorn']);
const missing = 'missing' in found ? found.missing : undefined;

/** Runs `use` against a v1.0 Bucket in Python. */
async function withOldBucket(args: readonly string[], use: (url: string) => Promise<void>): Promise<void> {
  if (!('python' in found)) throw new Error(found.missing);
  const server = await startPythonServer(found.python, 'bucket_v1.py', args);
  try {
    await use(server.url);
  } finally {
    await server.stop();
  }
}

interface Events {
  readonly events: { readonly event_type: string; readonly requester_id: string }[];
  readonly count: number;
}

async function readEvents(url: string): Promise<Events> {
  const response = await fetch(`${url}/core/events`);
  return (await response.json()) as Events; // as bucket_v1.py answers
}

function writeOneOfEach(client: BucketClient): boolean[] {
  return [
    client.writeEvent({ event_type: 'task_started', agent_id: 'a1', metadata: { any: 'thing' } }),
    client.writeRlOutcome('a1', 0.75, { task_id: 't1', tags: ['text'] }),
    client.writeAgentResult('t1', 'a1', { status: 200, response: 'Grüße', processing_time: 0.1 }),
    client.writeError({ taskId: 't2', agentId: 'a1', error: 'no such document', inputType: 'text' }),
  ];
}

describe.each(threadModes)('our client (%s thread) and a v1.0 Bucket in Python', (thread) => {
  engineTest('every kind of event arrives as a producer should send it, and is read back', missing, () =>
    withOldBucket([], async (url) => {
      const client = new BucketClient({ url, thread });
      expect(await client.readContext('a1')).toBeNull();
      expect(writeOneOfEach(client)).toEqual([true, true, true, true]);
      expect(await client.flush()).toBe(true);
      expect(client.stats()).toMatchObject({ calls: 4, delivered: 4 });
      expect(await client.readContext('a1')).toMatchObject({ agent_id: 'a1', event_count: 4 });

      const { events } = await readEvents(url);
      const types = events.map((event) => event.event_type).sort();
      expect(types).toEqual(['agent_result', 'rl_outcome', 'task_error', 'task_started']);
      for (const { requester_id: requester, ...event } of events) {
        expect(requester).toBe('bhiv_core');
        expect(checkProducedEvent(event)).toEqual([]);
      }
      expect(await client.close()).toBe(true);
    }),
  );

  engineTest('300 events over kept-alive connections all arrive', missing, () =>
    withOldBucket([], async (url) => {
      const client = new BucketClient({ url, thread });
      for (let n = 0; n < 300; n += 1) client.writeEvent({ event_type: 'many', metadata: { n } });
      expect(await client.close(10_000)).toBe(true);
      expect(client.stats()).toMatchObject({ calls: 300, accepted: 300, delivered: 300 });
      const { count } = await readEvents(url);
      expect(count).toBe(300);
    }),
  );

  engineTest('a 200 with success: false is a failure called rejected', missing, () =>
    withOldBucket(['--cannot-store'], async (url) => {
      const client = new BucketClient({ url, thread });
      writeOneOfEach(client);
      await client.flush();
      expect(client.stats()).toMatchObject({ delivered: 0, failed: { total: 4, rejected: 4 } });
      await client.close();
    }),
  );
});
