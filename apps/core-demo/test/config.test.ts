import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readConfig, withoutCredentials } from '../src/config.ts';

describe('readConfig', () => {
  test('has defaults that just work, and a new seed each time', () => {
    const { config, warnings } = readConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8002,
      dataDir: resolve('data'),
      bucketEnabled: true,
      bucketUrl: 'http://127.0.0.1:8001',
      logLevel: 'info',
    });
    expect(config.seed).toMatch(/^[0-9a-f]{16}$/);
    expect(config.seed).not.toBe(readConfig({}).config.seed);
    expect(warnings).toEqual([]);
  });

  test('takes what is set; an empty variable is not set', () => {
    const { config } = readConfig({ CORE_PORT: '0', CORE_SEED: 'mine', CORE_BUCKET: 'off', CORE_HOST: '' });
    expect(config).toMatchObject({ port: 0, seed: 'mine', bucketEnabled: false, host: '127.0.0.1' });
  });

  test('names every bad value at once', () => {
    const bad = {
      CORE_PORT: '80o2',
      CORE_BUCKET: 'maybe',
      BUCKET_URL: 'localhost:8001',
      CORE_MAX_BODY_BYTES: '3',
    };
    for (const message of [
      'CORE_PORT is "80o2"',
      'CORE_BUCKET is "maybe"',
      'CORE_MAX_BODY_BYTES is "3"',
      'BUCKET_URL is "localhost:8001"',
    ]) {
      expect(() => readConfig(bad)).toThrow(message);
    }
  });

  test.each(['latest', 'x:latest', ':', '@sha256:1', ':no/alias'])(
    'says no to CORE_START_FROM=%s',
    (value) => {
      expect(() => readConfig({ CORE_START_FROM: value })).toThrow(
        `CORE_START_FROM is "${value}"; give :latest, :alias or @version`,
      );
    },
  );

  test('puts the name of the snapshots before CORE_START_FROM', () => {
    expect(readConfig({}).config.startFrom).toBe(null);
    expect(readConfig({ CORE_START_FROM: ':best' }).config.startFrom).toBe('core-selector:best');
  });

  test('warns of a CORE_ variable that it does not know', () => {
    expect(readConfig({ CORE_PROT: '1', PATH: '/' }).warnings).toEqual([
      'CORE_PROT is set, but Core knows no such variable',
    ]);
  });
});

test('a URL is shown without user name and password', () => {
  expect(withoutCredentials('http://me:secret@host:1/x')).toBe('http://host:1/x');
});
