import { readFile, writeFile } from 'node:fs/promises';

/** Memory of a process that is in RAM now, and the most since `resetPeak`, in bytes. */
export interface ResidentMemory {
  readonly now: number;
  readonly peak: number;
}

/** Why the peak of another process cannot be read here, or undefined where it can. */
export function residentMemoryMissing(): string | undefined {
  return process.platform === 'linux' ? undefined : 'the memory of another process is read from /proc';
}

/** What the kernel says: it misses no peak between two looks. */
export async function residentMemory(pid: number): Promise<ResidentMemory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibOf = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return { now: kibOf('VmRSS') * 1_024, peak: kibOf('VmHWM') * 1_024 };
}

/** From now on `peak` counts from what is in RAM now. */
export function resetPeak(pid: number): Promise<void> {
  return writeFile(`/proc/${pid}/clear_refs`, '5');
}
