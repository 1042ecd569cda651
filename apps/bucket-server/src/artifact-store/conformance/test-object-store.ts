import type { TestRunner } from '../../conformance/test-runner.ts';
import { testClosing } from './closing.ts';
import { testFailing } from './failing.ts';
import { createSuite, type OpenObjectStore } from './harness.ts';
import { testRefs } from './refs.ts';
import { testStoring } from './storing.ts';

export type { TestRunner } from '../../conformance/test-runner.ts';
export type { ObjectStoreUnderTest, OpenObjectStore, Rot } from './harness.ts';

/**
 * The conformance suite: everything that an ObjectStore promises, as tests. A driver's own test file hands in its test
 * runner and a function that opens a new, empty store. Give each test at least 15 s.
 *
 * @example
 * testObjectStore({ describe, test, expect }, 'my engine', async () => openMyStoreUnderTest());
 */
export function testObjectStore(runner: TestRunner, name: string, open: OpenObjectStore): void {
  const suite = createSuite(runner, open);
  runner.describe(`ObjectStore on ${name}`, () => {
    testStoring(suite);
    testFailing(suite);
    testRefs(suite);
    testClosing(suite);
  });
}
