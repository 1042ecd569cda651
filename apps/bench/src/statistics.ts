/** The value below which the share `q` (0 to 1) of the samples lies, interpolated. NaN where there is no sample. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = Float64Array.from(samples).sort();
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** A figure with its spread: the median of the rounds, and the quartiles around it. */
export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function summarize(samples: readonly number[]): Summary {
  return { median: quantile(samples, 0.5), low: quantile(samples, 0.25), high: quantile(samples, 0.75) };
}

/**
 * How many times the reference the candidate is. Each round gives one ratio, so what slows the machine down for some
 * rounds slows both sides of them down. Throws where the two have not the same rounds.
 */
export function ratio(candidate: readonly number[], reference: readonly number[]): Summary {
  if (candidate.length !== reference.length) {
    throw new Error(`${candidate.length} rounds cannot be compared with ${reference.length}`);
  }
  return summarize(candidate.map((value, round) => value / (reference[round] ?? Number.NaN)));
}
