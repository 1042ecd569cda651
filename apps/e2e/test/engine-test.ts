import { test } from '@jest/globals';

/**
 * A test that needs something installed. `missing` says why it cannot run here: then it is skipped, and the
 * reason printed; where CI is set, every engine must be there and it fails instead.
 */
export function engineTest(title: string, missing: string | undefined, body: () => Promise<void>): void {
  if (missing === undefined) {
    test(title, body);
  } else if (process.env.CI === 'true') {
    test(title, () => {
      throw new Error(`in CI nothing is skipped: ${missing}`);
    });
  } else {
    console.warn(`skipped: ${title}: ${missing}`);
    test.skip(title, body);
  }
}
