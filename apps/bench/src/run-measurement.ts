import { loadNow, thisMachine } from './machine.ts';
import type { Measurement } from './measurement.ts';
import { Processes } from './processes/processes.ts';
import { type Result, resultOf } from './result.ts';
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
  const start = performance.now();
  try {
    const context = { quick, processes, say, temporaryFolder: () => folders.make() };
    const finding = await measurement.run(context);
    const seconds = (performance.now() - start) / 1000;
    return resultOf(measurement, finding, { date, seconds, loadBefore, machine: thisMachine() });
  } finally {
    await processes.endAll();
    cleanUp();
    process.off('exit', cleanUp);
  }
}
