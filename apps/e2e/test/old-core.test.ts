import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { BucketProcess } from '../src/processes/bucket-process.ts';
import { findPython, runPython } from '../src/processes/python.ts';
import { RawClient } from '../src/processes/raw-client.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { engineTest } from './engine-test.ts';

interface Line {
  readonly case: string;
  readonly sent: string | null;
  readonly status: number | null;
  readonly answer: unknown;
}

const found = findPython();
const missing = 'missing' in found ? found.missing : undefined;

let lines: Line[] = [];
let shown = '';
let startedAt = '';

/** What an old Core sent, and what Bucket shows afterwards; asked once for all tests. */
async function liveTogether(): Promise<void> {
  if (!('python' in found)) return;
  await withTempFolder(async (dataDir) => {
    const bucket = await BucketProcess.start({ dataDir });
    const client = new RawClient(bucket.url);
    startedAt = new Date().toISOString();
    lines = (await runPython(found.python, 'old_core.py', [bucket.url])) as Line[]; // as its head says
    shown = (await client.get('/core/events')).text;
    client.close();
    await bucket.stop();
  });
}

function line(name: string): Line {
  const hit = lines.find((candidate) => candidate.case === name);
  if (!hit) throw new Error(`the old Core did not report "${name}"`);
  return hit;
}

/** The text inside the braces of event_data, as it must stand in /core/events. */
function inside(name: string): string {
  return (line(name).sent ?? '').slice(1, -1);
}

function shownEvents(): Record<string, unknown>[] {
  return JSON.parse(shown).events;
}

beforeAll(liveTogether);
afterAll(() => {
  shown = '';
});

const ACCEPTED = [
  'no timestamp',
  'odd timestamp',
  'unknown fields',
  'free result',
  'empty result',
  'nulls',
  'null timestamp',
  'escapes and duplicates',
];

describe('an old Core in Python and this Bucket', () => {
  engineTest('every habit of CONTRACT A1 is accepted', missing, async () => {
    const answer = { success: true, message: 'Event received' };
    for (const name of ACCEPTED) expect(line(name)).toMatchObject({ case: name, status: 200, answer });
    expect(JSON.parse(shown)).toMatchObject({ count: ACCEPTED.length, showing: ACCEPTED.length });
  });

  engineTest('what came as JSON text comes back as the same text', missing, async () => {
    for (const name of ACCEPTED.filter((candidate) => candidate !== 'null timestamp')) {
      expect(inside(name).length).toBeGreaterThan(10);
      expect(shown).toContain(inside(name));
    }
    expect(inside('unknown fields')).toContain('12345678901234567890');
    expect(inside('unknown fields')).toContain('"alpha": 1.0');
    expect(inside('escapes and duplicates')).toContain('"n\\u006fte"');
  });

  engineTest('only a missing timestamp is added: the time of receipt', missing, async () => {
    const stampedAfterStart = (event: Record<string, unknown> | undefined) => {
      expect(String(event?.timestamp)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(String(event?.timestamp) >= startedAt).toBe(true);
    };
    const events = shownEvents();
    const started = events.filter(({ event_type: type }) => type === 'task_started');
    expect(started.map(({ timestamp }) => timestamp)).toContain('22/11/26 half past three');
    stampedAfterStart(started.find(({ timestamp }) => timestamp !== '22/11/26 half past three'));
    stampedAfterStart(
      events.find(({ event_type: type, agent_id: agent }) => type === 'note' && agent === null),
    );
  });

  engineTest(
    'what the contract refuses gets its status, and an error that names the field',
    missing,
    async () => {
      const refusals = [
        ['wrong requester', 403, 'requester_not_allowed', 'someone_else'],
        ['NaN', 400, 'invalid_json', 'NaN'],
        ['reward is text', 400, 'invalid_event', 'reward'],
        ['no agent', 400, 'invalid_event', 'agent_id'],
        ['null reward', 400, 'invalid_event', 'reward'],
        ['not an object', 400, 'invalid_envelope', 'event_data'],
        ['too big', 413, 'body_too_large', '1048576'],
      ] as const;
      for (const [name, status, code, named] of refusals) {
        expect(line(name)).toMatchObject({ status, answer: { error: { code } } });
        expect(JSON.stringify(line(name).answer)).toContain(named);
      }
    },
  );

  engineTest('context reads answer as CONTRACT A2 says', missing, async () => {
    const context = { agent_id: 'old_agent', event_count: 6 };
    expect(line('context')).toMatchObject({ status: 200, answer: { success: true, context } });
    expect(line('context of nobody')).toMatchObject({
      status: 200,
      answer: { success: true, context: null },
    });
    expect(line('context for a stranger').status).toBe(403);
    expect(line('context without agent').status).toBe(400);
  });
});
