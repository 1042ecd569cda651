import type { Judged } from '../src/outage/measurement.ts';

/** Says of a measurement that it was made more than once, and what the runs before missed. */
export function tellMissed(title: string, { missedBefore }: Judged<unknown>): void {
  if (missedBefore.length > 0) console.warn(`${title}: measured again; before, ${missedBefore.join(', ')}`);
}
