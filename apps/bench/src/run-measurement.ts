import { coresOfOthers, cpuTime } from './cpu-time.ts';
import { loadNow, thisMachine } from './machine.ts';
import type { Measurement } from './measurement.ts';
import { Processes } from './processes/processes.ts';
import type { Result } from './result.ts';
import { TemporaryFolders } from './temporary-folders.ts';

/** Runs one measurement and leaves nothing behind: no process, no folder. */
export async function runMeasurement(
  measurement: Measurement,
  { quick, say }: { readonly quick: boolean; readonly say: (progress: string) => void },
): Promise<Result> {
  const processes = new Processes();
  const folders = new TemporaryFolders();
  const cleanUp = () => {
    processes.killAll();
    folders.removeAll();
  };
  process.once('exit', cleanUp); // where a signal ends this process half way
  const date = new Date().toISOString();
  const loadBefore = loadNow();
  const before = cpuTime();
  try {
    const context = { quick, processes, say, temporaryFolder: () => folders.make() };
    const finding = await measurement.run(context);
    await processes.endAll();
    const after = cpuTime();
    const seconds = (after.at - before.at) / 1000;
    const others = coresOfOthers(before, after);
    const { name } = measurement;
    return { name, date, seconds, loadBefore, others, machine: thisMachine(), ...finding };
  } finally {
    await processes.endAll();
    cleanUp();
    process.off('exit', cleanUp);
  }
}
