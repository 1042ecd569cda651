import type { TestRunner } from '../../conformance/test-runner.ts';
import type { EventStore } from '../event-store.ts';

/** A store under test, with what only its driver knows how to do to its engine. For real: no fakes. */
export type StoreUnderTest = {
  readonly store: EventStore;
  /** Closes the store and opens it anew on what it has kept. */
  reopen(): Promise<EventStore>;
  /** Makes the engine refuse every event whose `text` contains `marker`, and only these. */
  refuse(marker: string): Promise<void>;
  /** Keeps the engine from beginning any commit, until the function that comes back is called. */
  stall(): Promise<() => Promise<void>>;
  /** Closes the store and removes what it has kept. */
  dispose(): Promise<void>;
};

/** Opens a new, empty store. */
export type OpenStore = (options: { readonly maxQueueBytes?: number }) => Promise<StoreUnderTest>;

/** What the parts of the suite share: the runner, and a test that gets a fresh store and disposes of it. */
export type Suite = Omit<TestRunner, 'test'> & {
  readonly storeTest: (
    name: string,
    body: (underTest: StoreUnderTest) => Promise<void>,
    options?: { readonly maxQueueBytes?: number },
  ) => void;
};

export function createSuite({ describe, test, expect }: TestRunner, open: OpenStore): Suite {
  return {
    describe,
    expect,
    storeTest: (name, body, options = {}) => {
      test(name, async () => {
        const underTest = await open(options);
        try {
          await body(underTest);
        } finally {
          await underTest.dispose();
        }
      });
    },
  };
}
