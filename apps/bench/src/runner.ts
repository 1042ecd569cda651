/** One side of a comparison. `round` does a fixed amount of work and gives its cost, in a unit of the caller's. */
export interface Contestant<Name extends string = string> {
  readonly name: Name;
  round(): number | Promise<number>;
}

export interface Rounds {
  /** Rounds that are run and not counted: code gets compiled, sockets get opened. */
  readonly warmUp: number;
  readonly counted: number;
  /**
   * How often each contestant's turn comes within a round; its cost is the mean of the turns. Many short turns share
   * out what is going on in the machine more evenly than a long one.
   * @default 1
   */
  readonly turns?: number;
  /** Brings everything back to where a round begins; it is not timed. */
  readonly settle?: () => Promise<void>;
}

/**
 * Runs candidates and references in one run, round by round, so that a slow minute of the machine hits all of them.
 * The order is turned round after each turn: nobody always runs behind the same neighbour.
 */
export async function interleave<Name extends string>(
  contestants: readonly Contestant<Name>[],
  { warmUp, counted, turns = 1, settle }: Rounds,
): Promise<Record<Name, number[]>> {
  const costs = {} as Record<Name, number[]>; // filled for every name in the next statement
  for (const { name } of contestants) costs[name] = [];
  let order = contestants;
  for (let round = 0; round < warmUp + counted; round++) {
    await settle?.();
    const sums = new Map<Name, number>();
    for (let turn = 0; turn < turns; turn++) {
      for (const { name, round: run } of order) sums.set(name, (sums.get(name) ?? 0) + (await run()));
      order = order.toReversed();
    }
    if (round < warmUp) continue;
    for (const [name, sum] of sums) costs[name].push(sum / turns);
  }
  return costs;
}

/** µs that one of `times` calls takes, in one go. */
export function timeCalls(times: number, call: (i: number) => void): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i++) call(i);
  return Number(process.hrtime.bigint() - start) / 1000 / times;
}
