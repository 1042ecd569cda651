// Long runs. Usage: node dist/soak.js <name> [arguments]; without a name it is the kill loop of events.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { artifacts } from './soak/artifacts.ts';
import { events } from './soak/events.ts';
import { faults } from './soak/faults.ts';
import { memory } from './soak/memory.ts';
import { race } from './soak/race.ts';
import { registry } from './soak/registry.ts';
import type { Soak } from './soak/soak.ts';

const SOAKS: readonly Soak[] = [events, artifacts, race, faults, memory, registry];

const [first = 'events', ...others] = process.argv.slice(2);
const soak = /^\d+$/.test(first) ? events : SOAKS.find(({ name }) => name === first);

if (soak === undefined) {
  const lines = SOAKS.map(({ name, usage }) => `  soak ${name} ${usage}`);
  console.error(`There is no soak called ${JSON.stringify(first)}. These are there:\n${lines.join('\n')}`);
  process.exitCode = 1;
} else {
  await run(soak, soak.name === first ? others : [first, ...others]);
}

async function run(chosen: Soak, args: readonly string[]): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bucket-soak-'));
  const started = performance.now();
  console.log(`${chosen.name} ${args.join(' ')}: data in ${dataDir}`);
  const tell = (text: string) =>
    console.log(`${Math.round((performance.now() - started) / 1_000)} s: ${text}`);
  const broken = await chosen.run({ dataDir, args, tell });
  if (broken.length === 0) {
    await rm(dataDir, { recursive: true });
    return;
  }
  console.error(
    `${broken.slice(0, 50).join('\n')}\n${broken.length} promises broken; the data is kept in ${dataDir}.`,
  );
  process.exitCode = 1;
}
