import type { Verdict } from './judge.ts';
import { limit } from './turns.ts';

/** Figures with what is wrong about them; `missedBefore`: the times that earlier runs missed, if there were any. */
export interface Judged<T> {
  readonly figures: T;
  readonly verdict: Verdict;
  readonly missedBefore: readonly string[];
}

/** Children that run at one time. They mostly wait; more would make the machine, not the client, the thing measured. */
const AT_ONCE = 6;
/** Runs of one measurement at the most, the later ones with nothing of ours beside them. */
const RUNS = 3;

/**
 * Measures many things side by side and judges each. A run that misses nothing but a time may have met a busy
 * machine: it is measured again, alone, after all the others.
 */
export class Measurements {
  readonly #sideBySide = limit(AT_ONCE);
  readonly #alone = limit(1);
  #firstRuns: Promise<unknown>[] = [];

  /** Call it for everything in one go: what is measured again waits for all that was added until then. */
  add<T>(measure: () => Promise<T>, judge: (figures: T) => Verdict): Promise<Judged<T>> {
    const firstRun = this.#sideBySide(measure);
    this.#firstRuns.push(firstRun.catch(() => {}));
    const judged = this.#judge(firstRun, measure, judge);
    judged.catch(() => {}); // who awaits it meets the rejection; until then it must not count as unhandled
    return judged;
  }

  async #judge<T>(
    firstRun: Promise<T>,
    measure: () => Promise<T>,
    judge: (figures: T) => Verdict,
  ): Promise<Judged<T>> {
    let figures = await firstRun;
    let verdict = judge(figures);
    const missedBefore: string[] = [];
    for (let run = 1; run < RUNS && isOnlyLate(verdict); run += 1) {
      missedBefore.push(...verdict.times);
      await Promise.all(this.#firstRuns);
      figures = await this.#alone(measure);
      verdict = judge(figures);
    }
    return { figures, verdict, missedBefore };
  }
}

function isOnlyLate({ facts, times }: Verdict): boolean {
  return facts.length === 0 && times.length > 0;
}
