import { type FaultKind, faults } from '../faults/index.ts';
import { type ThreadMode, threadModes } from './child-protocol.ts';
import { judgeNaturalEnd, judgeOutage } from './judge.ts';
import { type Judged, Measurements } from './measurement.ts';
import { measureNaturalEnd, type NaturalFigures } from './natural-job.ts';
import { measureOutage, type OutageFigures } from './outage-job.ts';

/** One cell: a fault against a thread mode. */
export interface Cell {
  readonly kind: FaultKind;
  readonly thread: ThreadMode;
  readonly outage: Promise<Judged<OutageFigures>>;
  readonly natural: Promise<Judged<NaturalFigures>>;
}

/** Starts the whole matrix. The cells' promises settle as their turn comes. */
export function runMatrix(): readonly Cell[] {
  const measurements = new Measurements();
  const cells = faults.flatMap((kind) => threadModes.map((thread) => ({ kind, thread })));
  return cells.map(({ kind, thread }, index) => {
    // Moves the heal through the second between two probes, a different place for each cell.
    const healDelayMs = (index * 370) % 1_000;
    return {
      kind,
      thread,
      outage: measurements.add(
        () => measureOutage(kind, thread, healDelayMs),
        (figures) => judgeOutage(kind, figures),
      ),
      natural: measurements.add(() => measureNaturalEnd(kind, thread), judgeNaturalEnd),
    };
  });
}
