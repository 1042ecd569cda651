import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** ms of one tick in /proc (USER_HZ, which Linux keeps at 100 a second for programs). */
const TICK_MS = 10;

/** Where utime, stime, cutime and cstime stand in /proc/self/stat, counted behind the name of the program. */
const OWN_TIMES = [11, 12, 13, 14];

/** Processor time that was used up to a moment, in ms. */
export interface CpuTime {
  readonly at: number;
  readonly ofAll: number;
  /** Of this process and of the children whose end it has seen; undefined where there is no /proc. */
  readonly own: number | undefined;
}

export function cpuTime(): CpuTime {
  let ofAll = 0;
  for (const { times } of cpus()) ofAll += times.user + times.nice + times.sys + times.irq;
  return { at: performance.now(), ofAll, own: ownTime() };
}

/** How many cores other programs kept busy, on average; null where that cannot be told. */
export function coresOfOthers(from: CpuTime, to: CpuTime): number | null {
  if (from.own === undefined || to.own === undefined) return null;
  return Math.max(0, (to.ofAll - from.ofAll - (to.own - from.own)) / (to.at - from.at));
}

function ownTime(): number | undefined {
  let text: string;
  try {
    text = readFileSync('/proc/self/stat', 'latin1');
  } catch {
    return undefined; // not Linux
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return OWN_TIMES.reduce((sum, index) => sum + Number(fields[index]) * TICK_MS, 0);
}
