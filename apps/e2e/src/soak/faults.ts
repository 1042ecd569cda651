import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { operations } from '../artifacts/fault-operations.ts';
import { sweepFaults } from '../artifacts/fault-sweep.ts';
import { straceMissing } from '../durability/strace.ts';
import { numberAt, type Soak } from './soak.ts';

/** Lets every file-system call of every operation fail in every way. */
export const faults: Soak = {
  name: 'faults',
  usage: '[times]',
  async run({ dataDir, args, tell }) {
    const missing = straceMissing();
    if (missing !== undefined) throw new Error(missing);
    const broken: string[] = [];
    for (let time = 0; time < numberAt(args, 0, 1); time += 1) {
      for (const [index, operation] of operations.entries()) {
        const folder = join(dataDir, `${time}-${index}`);
        await mkdir(folder);
        const summary = await sweepFaults({ folder, operation });
        const statuses = Object.entries(summary.statuses).map(([status, count]) => `${count} × ${status}`);
        tell(`${operation.title}: ${summary.faults.length} faults, answered ${statuses.join(', ')}`);
        broken.push(...summary.broken, ...summary.missed.map((title) => `not hit: ${title}`));
      }
    }
    return broken;
  },
};
