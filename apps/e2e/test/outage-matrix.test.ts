import { describe, expect, test } from '@jest/globals';
import { type Judged, runMatrix } from '../src/outage/matrix.ts';

const WHOLE_MATRIX_MS = 180_000;
const nothingWrong = { facts: [], times: [] };

/** A time that a busy machine made the client miss is measured once more; this says so. */
function tellRetry(title: string, { firstRun }: Judged<unknown>): void {
  if (firstRun.length > 0) console.warn(`${title}: measured twice; in the first run ${firstRun.join(', ')}`);
}

// All cells start here and run side by side; each test waits for its own.
const cells = runMatrix().map((cell) => ({ ...cell, title: `${cell.kind.name}, ${cell.thread} thread` }));

describe.each(cells)('$title', ({ title, outage, natural }) => {
  test(
    'no throw, no warning; reads null in time; sockets bounded; accounting exact; recovery; close',
    async () => {
      const judged = await outage;
      tellRetry(title, judged);
      expect(judged.verdict).toEqual(nothingWrong);
    },
    WHOLE_MATRIX_MS,
  );

  test(
    'the process ends by itself, without close',
    async () => {
      const judged = await natural;
      tellRetry(title, judged);
      expect(judged.verdict).toEqual(nothingWrong);
    },
    WHOLE_MATRIX_MS,
  );
});
