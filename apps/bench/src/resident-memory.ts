import { readFileSync, writeFileSync } from 'node:fs';

/** Resident bytes of a process: now, and the most there were since its start or since `forgetPeak`. */
export interface ResidentMemory {
  readonly now: number;
  readonly peak: number;
}

/** As Linux keeps it. `pid` is `self` for this process. */
export function residentMemory(pid: number | 'self'): ResidentMemory {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return { now: bytesOf(status, 'VmRSS'), peak: bytesOf(status, 'VmHWM') };
}

/** From now on the peak is the one of what comes. */
export function forgetPeak(pid: number | 'self'): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function bytesOf(status: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`/proc tells no ${name}`);
  return Number(kibibytes) * 1024;
}
