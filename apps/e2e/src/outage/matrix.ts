import { type FaultKind, faults } from '../faults/index.ts';
import { type ThreadMode, threadModes } from './child-protocol.ts';
import { judgeNaturalEnd, judgeOutage, type Verdict } from './judge.ts';
import { measureNaturalEnd, type NaturalFigures } from './natural-job.ts';
import { measureOutage, type OutageFigures } from './outage-job.ts';

/** Figures with what is wrong about them; `firstRun`: the times that a first run missed, if there was one. */
export interface Judged<T> {
  readonly figures: T;
  readonly verdict: Verdict;
  readonly firstRun: readonly string[];
}

/** One cell: a fault against a thread mode. */
export interface Cell {
  readonly kind: FaultKind;
  readonly thread: ThreadMode;
  readonly outage: Promise<Judged<OutageFigures>>;
  readonly natural: Promise<Judged<NaturalFigures>>;
}

/** Children that run at one time. They mostly wait; more would make the machine, not the client, the thing measured. */
const AT_ONCE = 8;

/** Starts the whole matrix. The cells' promises settle as their turn comes. */
export function runMatrix(): readonly Cell[] {
  const turn = limit(AT_ONCE);
  const cells = faults.flatMap((kind) => threadModes.map((thread) => ({ kind, thread })));
  return cells.map(({ kind, thread }, index) => {
    // Moves the heal through the second between two probes, a different place for each cell.
    const healDelayMs = (index * 370) % 1_000;
    const cell = {
      kind,
      thread,
      outage: once(
        turn,
        () => measureOutage(kind, thread, healDelayMs),
        (f) => judgeOutage(kind, f),
      ),
      natural: once(turn, () => measureNaturalEnd(kind, thread), judgeNaturalEnd),
    };
    // Who reads the cell meets its rejection; until then it must not count as unhandled.
    for (const promise of [cell.outage, cell.natural]) promise.catch(() => {});
    return cell;
  });
}

type Turn = <T>(job: () => Promise<T>) => Promise<T>;

/** Measures and judges; measures once more when only a time was missed, as it may be on a busy machine. */
async function once<T>(
  turn: Turn,
  measure: () => Promise<T>,
  judge: (figures: T) => Verdict,
): Promise<Judged<T>> {
  const figures = await turn(measure);
  const verdict = judge(figures);
  if (verdict.facts.length > 0 || verdict.times.length === 0) return { figures, verdict, firstRun: [] };
  const again = await turn(measure);
  return { figures: again, verdict: judge(again), firstRun: verdict.times };
}

/** Lets `most` jobs run at one time, the others in the order they came. */
export function limit(most: number): Turn {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (job) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
