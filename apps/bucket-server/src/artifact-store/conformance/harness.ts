import type { TestRunner } from '../../conformance/test-runner.ts';
import type { ObjectStore } from '../object-store.ts';

/** How stored bytes can go bad. */
export type Rot = 'flipped' | 'truncated' | 'grown' | 'missing';

/** A store under test, with what only its driver knows how to do to its engine. For real: no fakes. */
export type ObjectStoreUnderTest = {
  readonly store: ObjectStore;
  /** Closes the store and opens it anew on what it has kept. */
  reopen(): Promise<ObjectStore>;
  /** Changes the stored bytes of an object behind the store's back. */
  rot(key: string, rot: Rot): Promise<void>;
  /** The names of what uploads have left half-done on the engine: temporary files, unfinished multipart uploads. */
  leftBehind(): Promise<readonly string[]>;
  /** Closes the store and removes what it has kept. */
  dispose(): Promise<void>;
};

/** Opens a new, empty store. */
export type OpenObjectStore = () => Promise<ObjectStoreUnderTest>;

/** What the parts of the suite share: the runner, and a test that gets a fresh store and disposes of it. */
export type Suite = Omit<TestRunner, 'test'> & {
  readonly storeTest: (name: string, body: (underTest: ObjectStoreUnderTest) => Promise<void>) => void;
};

export function createSuite({ describe, test, expect }: TestRunner, open: OpenObjectStore): Suite {
  return {
    describe,
    expect,
    storeTest: (name, body) => {
      test(name, async () => {
        const underTest = await open();
        try {
          await body(underTest);
        } finally {
          await underTest.dispose();
        }
      });
    },
  };
}
