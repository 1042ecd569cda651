import { afterEach, expect, jest, test } from '@jest/globals';
import { formatBytes, formatSeconds, printable, table } from '../src/core/format.ts';
import { jsonOrText, keyValue } from '../src/core/key-values.ts';
import { Meter } from '../src/core/meter.ts';
import { Bar, Lines } from '../src/core/progress.ts';
import { Secrets } from '../src/core/secrets.ts';

afterEach(() => {
  jest.useRealTimers();
});

const MIB = 2 ** 20;

test('a bar has bytes, rate, time left and what was deduplicated', () => {
  jest.useFakeTimers();
  const frames: string[] = [];
  const bar = new Bar(
    (text) => frames.push(text),
    () => 120,
  );
  const step = (done: number) => ({
    ...{ label: 'publishing', done: done * MIB, total: 1000 * MIB },
    note: '80 MiB deduplicated',
  });
  bar.show(step(0));
  jest.advanceTimersByTime(800);
  bar.show(step(80));
  expect(frames.at(-1)).toBe(
    '\rpublishing  [==                            ]    8 %  80.0 MiB of 1000 MiB  100 MiB/s  0:10 left  80 MiB deduplicated\u001b[K',
  );
  // without news the rate falls
  jest.advanceTimersByTime(800);
  expect(frames.at(-1)).toContain('  53.3 MiB/s  0:18 left  ');
  bar.end();
  expect(frames.at(-1)).toBe('\r\u001b[K');
  const drawn = frames.length;
  jest.advanceTimersByTime(5000);
  expect(frames.length).toBe(drawn);
});

test('a narrow terminal has a line without a bar, cut where it must be', () => {
  const frames: string[] = [];
  const bar = new Bar(
    (text) => frames.push(text),
    () => 30,
  );
  bar.show({ label: 'sending', done: 5, total: 10, note: 'a-long-name-of-a-file.safetensors' });
  bar.end();
  expect(frames[0]).toBe('\rsending   50 %  5 B of 10 B  \u001b[K');
});

test('a log gets a line every ten seconds, and one at the end', () => {
  let now = 0;
  const lines: string[] = [];
  const log = new Lines(
    (text) => lines.push(text),
    () => now,
  );
  for (now = 0; now <= 25_000; now += 500)
    log.show({ label: 'sending', done: now * 1024, total: 30_000 * 1024 });
  now = 26_000;
  log.end();
  log.end();
  expect(lines).toEqual([
    'sending   33 %  9.77 MiB of 29.3 MiB  1000 KiB/s  0:20 left\n',
    'sending   66 %  19.5 MiB of 29.3 MiB  1000 KiB/s  0:10 left\n',
    'sending: 24.4 MiB in 26.0 s, 962 KiB/s\n',
  ]);
});

test('the rate is that of the last seconds, and of one thing', () => {
  const meter = new Meter();
  const add = (done: number, now: number, label = 'a') => meter.add({ label, done }, now);
  add(0, 0);
  expect(meter.rate(100)).toBeUndefined();
  add(1000, 1000);
  expect(meter.rate(1000)).toBe(1000);
  for (let now = 2000; now <= 20_000; now += 1000) add(1000 + (now - 1000) / 10, now);
  expect(meter.rate(20_000)).toBeCloseTo(100, 0);
  add(0, 20_500, 'b');
  expect(meter.rate(20_600)).toBeUndefined();
});

test('bytes and times are short', () => {
  const sizes = [0, 999, 1000, 1023, 1024, 10 * 1024, 1022 * 1024, MIB, 1.5 * 2 ** 30, 2 ** 60].map(
    formatBytes,
  );
  expect(sizes).toEqual([
    ...['0 B', '999 B', '1000 B', '1023 B', '1.00 KiB', '10.0 KiB', '1022 KiB', '1.00 MiB'],
    ...['1.50 GiB', '1024 PiB'],
  ]);
  expect([0, 4.2, 61, 3600, 90_061].map(formatSeconds)).toEqual([
    '0:00',
    '0:05',
    '1:01',
    '1:00:00',
    '25:01:01',
  ]);
  expect(
    table([
      ['a', 'b'],
      ['long', ''],
      ['x', 'y'],
    ]),
  ).toEqual(['a     b', 'long', 'x     y']);
});

test('what could steer a terminal is escaped', () => {
  expect(printable('a\u001b[2J\u0007\u009b\u202e\nb ä 🙂')).toBe(
    'a\\u{1b}[2J\\u{7}\\u{9b}\\u{202e}\\u{a}b ä 🙂',
  );
});

test('values of --meta and --where are JSON where they are meant so', () => {
  const values = [
    'code',
    '0.93',
    '1.10',
    '007',
    '1e3',
    'true',
    'null',
    '[8,16]',
    '{"a":1}',
    '"5"',
    '',
    '{a',
  ].map(jsonOrText);
  expect(values).toEqual(['code', 0.93, '1.10', '007', '1e3', true, null, [8, 16], { a: 1 }, '5', '', '{a']);
  expect(keyValue('a=b=c', { x: 1 })).toEqual({ x: 1, a: 'b=c' });
});

test('a secret is masked wherever it stands, also cut, escaped and encoded', () => {
  const secrets = new Secrets();
  secrets.add('s3cret-with-"quotes"-and-ä\n');
  secrets.add('short');
  secrets.add('');
  const texts = [
    'Bearer s3cret-with-"quotes"-and-ä!',
    JSON.stringify({ token: 's3cret-with-"quotes"-and-ä' }),
    's3cret-with…',
    encodeURIComponent('s3cret-with-"quotes"-and-ä'),
    Buffer.from('s3cret-with-"quotes"-and-ä').toString('base64'),
    'a short one',
  ];
  for (const text of texts) {
    const masked = secrets.mask(text);
    expect(masked).toContain('***');
    expect(masked).not.toMatch(/s3cret|with-|short|czNj/);
  }
  expect(secrets.mask('nothing to hide, sho rt')).toBe('nothing to hide, sho rt');
  expect(secrets.mask('shortshort')).toBe('***');
});

test('a result is masked, and stays the JSON that it was', () => {
  const secrets = new Secrets();
  secrets.add('12"345\\678');
  secrets.add('ab1');
  expect(secrets.maskResult('ab1: sha256:9ab12, 12"345\\678')).toBe('***: sha256:9ab12, ***');
  const text = '{"a\\"b" : 1.10, "n": 345678, "c": ["\\u0031 \\\\", "9ab12"]}';
  expect(secrets.maskJson(text)).toBe(text);
  const said = { '\n12"345\\678': 'no ab1', deep: [{ text: 'a "12"345\\678"', n: 12345678 }] };
  expect(JSON.parse(secrets.maskJson(JSON.stringify(said)))).toEqual({
    '\n***': 'no ***',
    deep: [{ text: 'a "***"', n: 12345678 }],
  });
  const long = JSON.stringify('"'.repeat(5_000_000));
  expect(secrets.maskJson(long) === long).toBe(true);
});
