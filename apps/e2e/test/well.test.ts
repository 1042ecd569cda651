import { describe, expect, test } from '@jest/globals';
import { threadModes } from '../src/outage/child-protocol.ts';
import { judgeNaturalEnd } from '../src/outage/judge.ts';
import { measureWell } from '../src/outage/natural-job.ts';

describe('with Bucket well, 1,000 events followed by the natural end of the program all arrive', () => {
  test.each(threadModes)('%s thread', async (thread) => {
    const figures = await measureWell(thread);
    expect(judgeNaturalEnd(figures)).toEqual({ facts: [], times: [] });
    expect(figures.exit.stats).toMatchObject({ calls: 1_000, delivered: 1_000 });
    const inOrder = figures.arrived.map(Number).sort((a, b) => a - b);
    expect(inOrder).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
  });
});
