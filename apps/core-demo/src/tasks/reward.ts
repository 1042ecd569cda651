/**
 * The reward of a task, from 0 to 1: the geometric mean of the measures of its output, to six decimals. An output
 * that is worthless in one way earns nothing, however good it is in another. Time plays no part, so that the same
 * output always earns the same. Throws when a measure is not from 0 to 1: that is a fault of the agent.
 */
export function rewardOf(measures: Readonly<Record<string, number>>): number {
  const values = Object.entries(measures).map(([name, value]) => {
    // A sum of rounded shares may pass 1 by a hair.
    if (!(value >= 0 && value <= 1 + 1e-9))
      throw new RangeError(`The measure "${name}" is ${value}, not from 0 to 1`);
    return Math.min(value, 1);
  });
  if (values.length === 0) throw new RangeError('The output has no measure');
  const product = values.reduce((all, value) => all * value, 1);
  return Number((product ** (1 / values.length)).toFixed(6));
}
