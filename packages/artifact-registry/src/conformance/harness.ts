import type { RegistryStore } from '../stores/registry-store.ts';

/** The part of a test runner that the suite needs; those of Jest and Vitest fit. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => void;
  readonly test: (name: string, body: () => Promise<void>) => void;
  readonly expect: (actual: unknown) => Matchers & { readonly rejects: AsyncMatchers };
}

interface Matchers {
  toBe(expected: unknown): unknown;
  toEqual(expected: unknown): unknown;
  toMatchObject(expected: object): unknown;
  toBeLessThan(expected: number): unknown;
}

interface AsyncMatchers {
  toMatchObject(expected: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** A store under test. */
export interface StoreUnderTest {
  readonly store: RegistryStore;
  /** Opens another store on the same data, as another process would; only where the engine keeps any. */
  another?(): Promise<RegistryStore>;
  /** Closes every store that is open and removes what they have kept. */
  dispose(): Promise<void>;
}

/** Opens a new, empty store. */
export type OpenStore = () => Promise<StoreUnderTest>;

/** What the parts of the suite share: the runner, and a test that gets a fresh store and disposes of it. */
export interface Suite extends Omit<TestRunner, 'test'> {
  readonly storeTest: (name: string, body: (store: RegistryStore) => Promise<void>) => void;
  /** A test with two stores on the same data. An engine that keeps nothing has none, and does not get the test. */
  readonly sharedTest: (
    name: string,
    body: (
      stores: readonly [RegistryStore, RegistryStore],
      open: () => Promise<RegistryStore>,
    ) => Promise<void>,
  ) => void;
}

export function createSuite(
  { describe, test, expect }: TestRunner,
  { open, isShared }: { readonly open: OpenStore; readonly isShared: boolean },
): Suite {
  const withStore = (name: string, body: (underTest: StoreUnderTest) => Promise<void>) => {
    test(name, async () => {
      const underTest = await open();
      try {
        await body(underTest);
      } finally {
        await underTest.dispose();
      }
    });
  };
  return {
    describe,
    expect,
    storeTest: (name, body) => withStore(name, ({ store }) => body(store)),
    sharedTest(name, body) {
      if (!isShared) return;
      withStore(name, async (underTest) => {
        const another = async () => {
          if (underTest.another === undefined) throw new Error('isShared is set and another() is missing');
          return underTest.another();
        };
        await body([underTest.store, await another()], another);
      });
    },
  };
}
