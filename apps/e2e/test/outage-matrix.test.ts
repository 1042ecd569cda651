import { describe, expect, test } from '@jest/globals';
import { runMatrix } from '../src/outage/matrix.ts';
import { tellMissed } from './tell-missed.ts';

const WHOLE_MATRIX_MS = 180_000;
const nothingWrong = { facts: [], times: [] };

// All cells start here and run side by side; each test waits for its own.
const cells = runMatrix().map((cell) => ({ ...cell, title: `${cell.kind.name}, ${cell.thread} thread` }));

describe.each(cells)('$title', ({ title, outage, natural }) => {
  test(
    'no throw, no warning; reads null in time; sockets bounded; accounting exact; recovery; close',
    async () => {
      const judged = await outage;
      tellMissed(title, judged);
      expect(judged.verdict).toEqual(nothingWrong);
    },
    WHOLE_MATRIX_MS,
  );

  test(
    'the process ends by itself, without close',
    async () => {
      const judged = await natural;
      tellMissed(title, judged);
      expect(judged.verdict).toEqual(nothingWrong);
    },
    WHOLE_MATRIX_MS,
  );
});
