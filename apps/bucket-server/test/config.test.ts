import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../src/config.ts';

function configOf(environment: Record<string, string>) {
  return readConfig(environment).config;
}

describe('readConfig', () => {
  test('without any variable, the defaults just work', () => {
    expect(readConfig({ PATH: '/bin', HOME: '/root' })).toEqual({
      config: {
        host: '127.0.0.1',
        port: 8001,
        dataDir: resolve('./data'),
        maxEventBytes: 1024 * 1024,
        maxArtifactBytes: 5 * 1024 ** 3,
        verifyOnRead: true,
        scrubDays: null,
        logLevel: 'info',
        allowedHosts: ['127.0.0.1'],
      },
      warnings: [],
    });
  });

  test('a variable that is empty or blank counts as not set', () => {
    expect(configOf({ BUCKET_PORT: '', BUCKET_HOST: ' ', BUCKET_ALLOWED_HOSTS: '' })).toEqual(configOf({}));
  });

  test.each([
    ['1', 1],
    ['65536', 65_536],
    ['64KiB', 65_536],
    ['64 kib', 65_536],
    ['1MiB', 1_048_576],
    ['16MiB', 16_777_216],
    ['10B', 10],
  ])('BUCKET_MAX_EVENT_BYTES=%s', (value, bytes) => {
    expect(configOf({ BUCKET_MAX_EVENT_BYTES: value }).maxEventBytes).toBe(bytes);
  });

  test.each([
    ['1', 1],
    ['500MiB', 524_288_000],
    ['5 GiB', 5_368_709_120],
    ['2tib', 2_199_023_255_552],
    ['1024TiB', 1_125_899_906_842_624],
  ])('BUCKET_MAX_ARTIFACT_BYTES=%s', (value, bytes) => {
    expect(configOf({ BUCKET_MAX_ARTIFACT_BYTES: value }).maxArtifactBytes).toBe(bytes);
  });

  test.each([
    ['off', null],
    ['1', 1],
    ['30', 30],
    ['365', 365],
  ])('BUCKET_SCRUB=%s', (value, days) => {
    expect(configOf({ BUCKET_SCRUB: value }).scrubDays).toBe(days);
  });

  test('BUCKET_VERIFY_ON_READ=false', () => {
    expect(configOf({ BUCKET_VERIFY_ON_READ: 'false' }).verifyOnRead).toBe(false);
  });

  test.each([
    ['BUCKET_PORT', 'http', 'a port from 0 to 65535 (0: any free port)'],
    ['BUCKET_PORT', '65536', 'a port from 0 to 65535 (0: any free port)'],
    ['BUCKET_PORT', '-1', 'a port from 0 to 65535 (0: any free port)'],
    ['BUCKET_PORT', '80.5', 'a port from 0 to 65535 (0: any free port)'],
    ['BUCKET_HOST', 'http://localhost', 'an address or a host name, such as 127.0.0.1, ::1 or localhost'],
    ['BUCKET_MAX_EVENT_BYTES', '1MB', 'a number of bytes from 1 to 16MiB, written like 65536, 64KiB or 1MiB'],
    ['BUCKET_MAX_EVENT_BYTES', '0', 'a number of bytes from 1 to 16MiB, written like 65536, 64KiB or 1MiB'],
    [
      'BUCKET_MAX_EVENT_BYTES',
      '17MiB',
      'a number of bytes from 1 to 16MiB, written like 65536, 64KiB or 1MiB',
    ],
    [
      'BUCKET_MAX_EVENT_BYTES',
      'many',
      'a number of bytes from 1 to 16MiB, written like 65536, 64KiB or 1MiB',
    ],
    ...['5GB', '0', '1025TiB', 'unlimited'].map((value) => [
      'BUCKET_MAX_ARTIFACT_BYTES',
      value,
      'a number of bytes from 1 to 1024TiB, written like 500MiB, 5GiB or 1TiB',
    ]),
    ...['0', '366', 'weekly', '1.5', '-1'].map((value) => [
      'BUCKET_SCRUB',
      value,
      'off, or a number of days from 1 to 365',
    ]),
    ['BUCKET_VERIFY_ON_READ', 'no', 'true or false'],
    ['BUCKET_LOG_LEVEL', 'verbose', 'one of fatal, error, warn, info, debug, trace, silent'],
    ['BUCKET_BEHIND_GATEWAY', 'yes', 'true or false'],
    [
      'BUCKET_ALLOWED_HOSTS',
      'https://a.example',
      'host names without scheme and port, separated by commas, such as bucket.example.org',
    ],
    [
      'BUCKET_ALLOWED_HOSTS',
      'a.example:443',
      'host names without scheme and port, separated by commas, such as bucket.example.org',
    ],
  ])('%s=%s is refused: the message names both', (name, value, mustBe) => {
    expect(() => readConfig({ [name]: value })).toThrow(
      `${name} is ${JSON.stringify(value)} but must be ${mustBe}.`,
    );
  });

  test('everything that is wrong is told at once', () => {
    expect(() => readConfig({ BUCKET_PORT: 'x', BUCKET_LOG_LEVEL: 'y' })).toThrow(
      /BUCKET_PORT is "x".*\n.*BUCKET_LOG_LEVEL is "y"/,
    );
  });

  test.each(['0.0.0.0', '::', '192.168.1.5', 'bucket.example.org', '128.0.0.1'])(
    'BUCKET_HOST=%s needs a declared gateway',
    (host) => {
      expect(() => readConfig({ BUCKET_HOST: host })).toThrow(
        new RegExp(
          `BUCKET_HOST is "${host}", which other machines can reach.*no login.*BUCKET_BEHIND_GATEWAY=true`,
        ),
      );
      const config = configOf({ BUCKET_HOST: host, BUCKET_BEHIND_GATEWAY: 'true' });
      expect([config.host, config.allowedHosts]).toEqual([host, null]);
    },
  );

  test.each([
    ['localhost', 'localhost'],
    ['LOCALHOST', 'localhost'],
    ['127.0.0.2', '127.0.0.2'],
    ['::1', '[::1]'],
  ])('BUCKET_HOST=%s is loopback, and may be asked by that name', (host, name) => {
    expect(configOf({ BUCKET_HOST: host }).allowedHosts).toEqual([name]);
  });

  test('BUCKET_ALLOWED_HOSTS adds names, and turns the check on behind a gateway too', () => {
    expect(configOf({ BUCKET_ALLOWED_HOSTS: 'A.example, b.example ,[fd00::1],' }).allowedHosts).toEqual([
      '127.0.0.1',
      'a.example',
      'b.example',
      '[fd00::1]',
    ]);
    const open = { BUCKET_HOST: '0.0.0.0', BUCKET_BEHIND_GATEWAY: 'true', BUCKET_ALLOWED_HOSTS: 'a.example' };
    expect(configOf(open).allowedHosts).toEqual(['0.0.0.0', 'a.example']);
  });

  test('a BUCKET_ name that nobody knows gets a warning; those of other programs and other names do not', () => {
    const { warnings } = readConfig({ BUCKET_PROT: '1', BUCKET_URL: 'x', BUCKETS: '1', CORE_PORT: '1' });
    expect(warnings).toEqual(['BUCKET_PROT is set but Bucket knows no such variable: is it misspelt?']);
  });
});
