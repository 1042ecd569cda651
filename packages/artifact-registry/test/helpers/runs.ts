/** How often a property is tried: so often, or as often as `npm run soak -- registry` says. */
export function runsOf(usual: number): number {
  return Number(process.env.BHIV_REGISTRY_RUNS ?? usual);
}

/** The time for a property that is tried so often, in ms. */
export function timeFor(runs: number): number {
  return 30_000 + runs * 1000;
}
