import { describe, expect, test } from '@jest/globals';
import { BucketClient, type BucketClientOptions, type Drop } from '../src/index.ts';
import { parseOptions } from '../src/options.ts';

test('the defaults are what the README says', () => {
  expect(parseOptions(undefined)).toEqual({
    problem: null,
    settings: {
      url: 'http://127.0.0.1:8001',
      enabled: true,
      deadlineMs: 2000,
      maxConcurrency: 8,
      queueBytes: 8 * 1024 * 1024,
      queueEvents: 65_536,
      maxEventBytes: 1024 * 1024,
      headers: undefined,
      tls: undefined,
      onDrop: undefined,
      thread: 'worker',
      workerUrl: undefined,
    },
  });
  expect(parseOptions(null).problem).toBeNull();
});

describe('a bad option disables the client, and says which it is', () => {
  test.each<[unknown, string]>([
    [{ url: 'bucket:8001' }, 'url is "bucket:8001": give http://host:port or https://host'],
    [{ url: 'not a url' }, 'url is "not a url"'],
    [{ url: 8001 }, 'url is number'],
    [{ url: 'http://b/?q=1' }, 'url has a query or a fragment'],
    [{ deadlineMs: 5000 }, 'deadlineMs is 5000: give an integer from 20 to 2000'],
    [{ deadlineMs: '2s' }, 'deadlineMs is 2s'],
    [{ maxConcurrency: 0 }, 'maxConcurrency is 0: give an integer from 1 to 256'],
    [{ queueBytes: 1 }, 'queueBytes is 1'],
    [{ maxEventBytes: Number.NaN }, 'maxEventBytes is NaN'],
    [{ enabled: 1 }, 'enabled is number: give true or false'],
    [{ tls: 'pem' }, 'tls is pem: give an object'],
    [{ tls: { ca: 5 } }, 'tls is object: give an object with ca, cert or key'],
    [{ url: 'http://h:1/#' }, 'url has a query or a fragment'],
    [{ queueBytes: Object.create(null) }, 'the options cannot be read'],
    [{ workerUrl: './worker.js' }, 'workerUrl is ./worker.js: give a URL object'],
    [{ headers: 'Bearer x' }, 'headers are not a record of strings'],
    [{ headers: { 'a b': 'x' } }, 'headers are not a record of strings that HTTP can carry'],
    [{ onDrop: 'log' }, 'onDrop is log: give a function'],
    [{ thread: 'process' }, 'thread is process: give "worker" or "main"'],
    ['http://127.0.0.1:8001', 'the options are no object'],
    [
      Object.defineProperty({}, 'url', {
        get: () => {
          throw new Error();
        },
        enumerable: true,
      }),
      'the options cannot be read',
    ],
  ])('case %#', async (options, message) => {
    const it = new BucketClient(options as BucketClientOptions);
    expect(it.problem).toContain(message);
    expect(it.stats().problem).toBe(it.problem);
    expect(it.writeEvent({ event_type: 'x' })).toBe(false);
    expect(await it.readContext('a')).toBeNull();
    expect(it.stats()).toMatchObject({ calls: 1, refused: { disabled: 1, total: 1 } });
    expect(await it.close()).toBe(true);
  });

  test('several at once are all named', () => {
    expect(new BucketClient({ url: '', deadlineMs: 0 }).problem).toMatch(/url is "".*; deadlineMs is 0/);
  });
});

test('enabled: false refuses every call and starts nothing', async () => {
  const drops: Drop[] = [];
  const it = new BucketClient({ enabled: false, onDrop: (drop) => drops.push(drop) });
  expect(it.problem).toBeNull();
  expect(it.writeRlOutcome('a', 1)).toBe(false);
  expect(await it.readContext('a')).toBeNull();
  expect(it.stats().refused.disabled).toBe(1);
  expect(drops[0]).toMatchObject({ reason: 'disabled', message: expect.stringContaining('enabled: false') });
});

test('null means the default', () => {
  expect(parseOptions({ tls: null, onDrop: null, url: null }).problem).toBeNull();
});

test('a password in the URL is not shown', () => {
  expect(new BucketClient({ url: 'ftp://user:hunter2@bucket' }).problem).not.toContain('hunter2');
});

test('an event may be half a queue at the most', () => {
  expect(parseOptions({ queueBytes: 65_536 }).settings.maxEventBytes).toBe(32_768);
});
