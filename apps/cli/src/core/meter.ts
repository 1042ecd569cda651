/** The rate is that of so many ms: shorter jumps, longer tells of the past. */
const WINDOW_MS = 5000;
/** A rate of less time says nothing. */
const LEAST_MS = 300;

/** Measures how fast something goes. Times are in ms of one clock, and never fall. */
export class Meter {
  #label: string | undefined;
  #samples: { readonly at: number; readonly done: number }[] = [];

  /** What starts over, or is another thing, is measured anew. */
  add({ label, done }: { readonly label: string; readonly done: number }, now: number): void {
    const last = this.#samples.at(-1);
    if (label !== this.#label || (last !== undefined && done < last.done)) this.#samples = [];
    this.#label = label;
    this.#samples.push({ at: now, done });
    while (this.#samples.length > 2 && now - (this.#samples[1]?.at ?? now) > WINDOW_MS) this.#samples.shift();
  }

  /** Per second; undefined until there is something to tell. */
  rate(now: number): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || now - first.at < LEAST_MS) return undefined;
    return ((last.done - first.done) * 1000) / (now - first.at);
  }
}
