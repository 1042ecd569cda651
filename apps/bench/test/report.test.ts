import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { Measurement } from '../src/measurement.ts';
import { MEASUREMENTS } from '../src/measurements/all.ts';
import { page, section } from '../src/report.ts';
import type { Result } from '../src/result.ts';
import { readResults } from '../src/results.ts';
import { rowOf } from '../src/row.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

const reads: Measurement = {
  name: 'reads',
  title: 'What reads cost',
  goal: 'A read takes at most 5 ms.',
  bound: 'The disk.',
  run: () => Promise.reject(new Error('nothing is measured here')),
};

const result: Result = {
  name: 'reads',
  rows: [rowOf({ what: 'a read', unit: 'ms', goal: { on: 'figure', atMost: 5 } }, [7])],
  notes: ['One connection.'],
  date: '2026-01-02T03:04:05.678Z',
  seconds: 12.3,
  loadBefore: 0.5,
  others: 0.125,
  machine: {
    processor: 'Some CPU, 2 cores',
    memory: '24 GiB',
    system: 'Linux 6',
    node: 'Node v20',
    libraries: 'axios 1',
  },
};

test('a section says what was asked, what was found, what bounds it, and how to repeat it', () => {
  const text = section(reads, result);
  expect(text).toContain('## What reads cost\n\nGoal: A read takes at most 5 ms.\n\n| what |');
  expect(text).toContain('| a read | 7 ms |  |  | ≤ 5 ms | **no** |');
  expect(text).toContain('Bounded by: The disk.\n\n- One connection.');
  expect(text).toContain(
    '`npm run bench -- reads`, 2026-01-02 03:04 UTC, 12 s, load average 0.50 before, other programs kept 0.13 cores busy meanwhile; Some CPU, 2 cores, 24 GiB, Linux 6, Node v20, axios 1.',
  );
});

test('a goal that was missed stands in the first table of the page', () => {
  expect(page([reads], [result])).toContain('| reads | a read | 7 ms | ≤ 5 ms | **no** |');
});

test('docs/benchmarks.md is what the kept results say', async () => {
  expect(read('../../../docs/benchmarks.md')).toBe(page(MEASUREMENTS, await readResults(MEASUREMENTS)));
});

test('the README describes every measurement', () => {
  const readme = read('../README.md');
  for (const { name } of MEASUREMENTS) expect(readme).toContain(`### ${name}`);
});
