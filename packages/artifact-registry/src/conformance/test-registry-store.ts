import { testAliasing } from './aliasing.ts';
import { testClosing } from './closing.ts';
import { testFinding } from './finding.ts';
import { createSuite, type OpenStore, type TestRunner } from './harness.ts';
import { testLineage } from './lineage.ts';
import { testRegistering } from './registering.ts';
import { testSearching } from './searching.ts';
import { testTagging } from './tagging.ts';

export type { OpenStore, StoreUnderTest, TestRunner } from './harness.ts';

export interface ConformanceOptions {
  /** What the driver is called in the names of the tests. */
  readonly name: string;
  readonly open: OpenStore;
  /**
   * False for an engine that keeps nothing and so has no second store on the same data; it gets fewer tests.
   * @default true
   */
  readonly isShared?: boolean;
}

/**
 * The conformance suite: everything that a RegistryStore promises, as tests. A driver's own test file hands in its test
 * runner and a function that opens a new, empty store.
 *
 * @example
 * testRegistryStore({ describe, test, expect }, { name: 'my engine', open: openMyStoreUnderTest });
 */
export function testRegistryStore(
  runner: TestRunner,
  { name, open, isShared = true }: ConformanceOptions,
): void {
  const suite = createSuite(runner, { open, isShared });
  runner.describe(`RegistryStore on ${name}`, () => {
    testRegistering(suite);
    testFinding(suite);
    testSearching(suite);
    testAliasing(suite);
    testTagging(suite);
    testLineage(suite);
    testClosing(suite);
  });
}
