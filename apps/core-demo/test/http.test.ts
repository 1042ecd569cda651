import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCoreHealth, checkErrorBody } from '@bhiv/contracts/validators';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, runningCore } from './support/running-core.ts';
import { MARKDOWN, PLAIN } from './support/texts.ts';

let core: Awaited<ReturnType<typeof runningCore>>;
beforeAll(async () => {
  core = await runningCore({ CORE_MAX_BODY_BYTES: '4096' });
});
afterAll(() => core.close());

function expectError(answer: Answer, status: number, code: string, message: string) {
  expect(checkErrorBody(answer.json)).toEqual([]);
  expect(answer).toMatchObject({
    status,
    json: { error: { code, message: expect.stringContaining(message) } },
  });
}

describe('POST /handle_task', () => {
  test('answers with the work of the agent and its reward', async () => {
    const answer = await core.task({
      agent: 'outline',
      input: MARKDOWN,
      input_type: 'markdown',
      tags: ['terms'],
    });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer).toMatchObject({
      status: 200,
      json: {
        task_id: expect.stringMatching(/^task-[0-9a-f]{24}$/),
        status: 'success',
        agent: 'outline',
        selected_by: 'agent',
        input_type: 'markdown',
        response: expect.stringContaining('- Events'),
        reward: expect.any(Number),
      },
    });
  });

  test('takes JSON under any content type', async () => {
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect(await core.send('POST', '/handle_task', JSON.stringify({ input: PLAIN }), type)).toMatchObject({
      status: 200,
    });
  });

  test.each<[string, string, number, string, string]>([
    ['not JSON', '{"input": ', 400, 'invalid_json', 'not JSON'],
    ['no body', '', 400, 'invalid_task', '"input" is missing'],
    ['no object', '"text"', 400, 'invalid_task', 'must be object, but is "text"'],
    ['no input', '{}', 400, 'invalid_task', '"input" is missing'],
    [
      'an empty input',
      '{"input": ""}',
      400,
      'invalid_task',
      'input: must NOT have fewer than 1 characters, but is ""',
    ],
    ['an input that is no string', '{"input": 7}', 400, 'invalid_task', 'input: must be string, but is 7'],
    [
      'tags that are no array',
      '{"input": "a", "tags": "b"}',
      400,
      'invalid_task',
      'tags: must be array, but is "b"',
    ],
    ['an unknown field', '{"input": "a", "agnet": "b"}', 400, 'invalid_task', '"agnet" is not a known field'],
    [
      'an unknown agent',
      '{"input": "a", "agent": "nobody"}',
      400,
      'unknown_agent',
      'name one of: summary, search, outline',
    ],
    [
      'an unknown input type',
      '{"input": "a", "input_type": "audio"}',
      400,
      'no_agent_fits',
      'No agent takes input_type "audio"',
    ],
    [
      'a text that cannot be worked on',
      '{"input": "...", "agent": "summary"}',
      422,
      'unusable_input',
      'no sentence',
    ],
    [
      'too long a body',
      JSON.stringify({ input: 'x'.repeat(5000) }),
      413,
      'body_too_large',
      'more than 4096 bytes',
    ],
  ])('refuses %s', async (_case, body, status, code, message) => {
    expectError(await core.send('POST', '/handle_task', body), status, code, message);
  });

  test('refuses an encoding that it cannot read', async () => {
    const answer = await core.send('POST', '/handle_task', '{"input": "a"}', {
      'Content-Encoding': 'snappy',
    });
    expectError(answer, 415, 'unsupported_encoding', 'without');
  });
});

test('GET /health is what the contract says, healthy without a Bucket, with the counts of tasks and events', async () => {
  const answer = await core.get('/health');
  expect(checkCoreHealth(answer.json)).toEqual([]);
  expect(answer).toMatchObject({
    status: 200,
    json: {
      status: 'healthy',
      tasks: { taken: expect.any(Number) },
      bucket_client: { calls: expect.any(Number), delivered: 0 },
    },
  });
});

test('GET /config shows seed, Bucket and agents, and no password', async () => {
  const secretive = await runningCore({ BUCKET_URL: 'http://me:secret@127.0.0.1:1' });
  try {
    const answer = await secretive.get('/config');
    expect(answer).toMatchObject({
      status: 200,
      json: {
        seed: 'test',
        bucket: { enabled: true, url: 'http://127.0.0.1:1/' },
        selection: { exploration: expect.any(Number) },
        agents: [{ id: 'summary' }, { id: 'search' }, { id: 'outline' }],
      },
    });
    expect(answer.text).not.toContain('secret');
  } finally {
    await secretive.close();
  }
});

test('documents of its own data folder are searched instead of the shipped ones', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'core-data-'));
  await mkdir(join(dataDir, 'documents'));
  await writeFile(join(dataDir, 'documents', 'own.md'), '# Own\n\nSubmarines dive very deep.');
  const own = await runningCore({ CORE_DATA_DIR: dataDir });
  try {
    expect(await own.task({ input: 'submarines', input_type: 'query' })).toMatchObject({
      json: { data: { hits: [{ document: 'own.md', passage: 'Submarines dive very deep.' }] } },
    });
    expect((await own.get('/config')).json).toMatchObject({ documents: join(dataDir, 'documents') });
  } finally {
    await own.close();
    await rm(dataDir, { recursive: true });
  }
});

describe('what is not there', () => {
  test('is 404', async () => {
    expectError(await core.get('/tasks'), 404, 'not_found', '/tasks');
  });

  test('is 405 on a known path, with the method that it takes', async () => {
    const answer = await core.get('/handle_task');
    expectError(answer, 405, 'method_not_allowed', 'takes POST, not GET');
    expect(answer.headers.allow).toBe('POST');
  });
});

describe('calls from web pages', () => {
  test.each([
    ['a name that was rebound', { Host: 'evil.example:80' }],
    ['a bare number that is not loopback', { Host: '192.0.2.1' }],
    ['a Host that is no host', { Host: 'a b' }],
    ['another page', { Origin: 'https://evil.example' }],
    ['a page without an origin of its own', { Origin: 'null' }],
  ])('are refused: %s', async (_case, headers) => {
    const given: Record<string, string> = { ...headers };
    expectError(await core.get('/health', given), 403, 'host_not_allowed', 'this');
  });

  test.each(['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])(
    'programs on this machine may call %s',
    async (name) => {
      const host = `${name}:${core.port}`;
      expect(await core.get('/health', { Host: host })).toMatchObject({ status: 200 });
      expect(await core.get('/health', { Host: host, Origin: `http://${host}` })).toMatchObject({
        status: 200,
      });
    },
  );
});
