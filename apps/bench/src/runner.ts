/** One side of a comparison. `round` does a fixed amount of work and gives its cost, in a unit of the caller's. */
export interface Contestant<Name extends string = string> {
  readonly name: Name;
  round(): number | Promise<number>;
}

export interface Rounds {
  /** Rounds that are run and not counted: code gets compiled, sockets get opened. */
  readonly warmUp: number;
  readonly counted: number;
  /** Brings everything back to where each round of each contestant begins; it is not timed. */
  readonly settle?: () => Promise<void>;
}

/**
 * Runs candidates and references in one run, round by round, so that a slow minute of the machine hits all of them.
 * The order is turned round after each round: nobody always runs behind the same neighbour.
 */
export async function interleave<Name extends string>(
  contestants: readonly Contestant<Name>[],
  { warmUp, counted, settle }: Rounds,
): Promise<Record<Name, number[]>> {
  const costs = {} as Record<Name, number[]>; // filled for every name in the next statement
  for (const { name } of contestants) costs[name] = [];
  for (let round = 0; round < warmUp + counted; round++) {
    for (const { name, round: run } of round % 2 === 0 ? contestants : contestants.toReversed()) {
      await settle?.();
      const cost = await run();
      if (round >= warmUp) costs[name].push(cost);
    }
  }
  return costs;
}

/** µs that one of `times` calls takes, in one go. */
export function timeCalls(times: number, call: (i: number) => void): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i++) call(i);
  return Number(process.hrtime.bigint() - start) / 1000 / times;
}
