import type { TestRunner } from '../../conformance/test-runner.ts';
import { testAppending } from './appending.ts';
import { testClosing } from './closing.ts';
import { testFailing } from './failing.ts';
import { createSuite, type OpenStore } from './harness.ts';
import { testReading } from './reading.ts';

export type { TestRunner } from '../../conformance/test-runner.ts';
export type { OpenStore, StoreUnderTest } from './harness.ts';

/**
 * The conformance suite: everything that an EventStore promises, as tests. A driver's own test file hands in its test
 * runner and a function that opens a new, empty store. Tests wait for real time: give each at least 15 s.
 *
 * @example
 * testEventStore({ describe, test, expect }, 'my engine', async (options) => openMyStoreUnderTest(options));
 */
export function testEventStore(runner: TestRunner, name: string, open: OpenStore): void {
  const suite = createSuite(runner, open);
  runner.describe(`EventStore on ${name}`, () => {
    testAppending(suite);
    testReading(suite);
    testFailing(suite);
    testClosing(suite);
  });
}
