/** The part of a test runner that the suite needs; those of Jest and Vitest fit. */
export type TestRunner = {
  readonly describe: (name: string, body: () => void) => void;
  readonly test: (name: string, body: () => Promise<void>) => void;
  readonly expect: (actual: unknown) => Matchers & { readonly rejects: AsyncMatchers };
};

type Matchers = {
  toBe(expected: unknown): unknown;
  toEqual(expected: unknown): unknown;
  toBeLessThan(expected: number): unknown;
  toBeGreaterThanOrEqual(expected: number): unknown;
};

type AsyncMatchers = {
  toMatchObject(expected: Readonly<Record<string, unknown>>): Promise<unknown>;
};
