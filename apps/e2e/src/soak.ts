// The thousand-fold kill loop. Usage: node dist/soak.js [rounds] [seed]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killLoop } from './durability/kill-loop.ts';

const [rounds = '1000', seed = '1'] = process.argv.slice(2);
const dataDir = await mkdtemp(join(tmpdir(), 'bucket-soak-'));
const started = performance.now();
console.log(`kill loop: ${rounds} rounds, seed ${seed}, data in ${dataDir}`);

const summary = await killLoop({
  dataDir,
  rounds: Number(rounds),
  seed: Number(seed),
  onRound({ rounds: done, acknowledged, broken }) {
    if (done % 25 !== 0) return;
    const seconds = Math.round((performance.now() - started) / 1_000);
    console.log(
      `${done} kills in ${seconds} s, ${acknowledged} events acknowledged, ${broken.length} promises broken`,
    );
  },
});
console.log(
  `${summary.rounds} kills while writing and ${summary.killedAtStart} while starting: ` +
    `${summary.acknowledged} events acknowledged, ${summary.stored} stored, ` +
    `${summary.unanswered} without an answer, ${summary.broken.length} promises broken.`,
);
if (summary.broken.length === 0) {
  await rm(dataDir, { recursive: true });
} else {
  console.error(
    `${summary.broken.slice(0, 50).join('\n')}\nThe data is kept in ${dataDir}; the seed was ${seed}.`,
  );
  process.exitCode = 1;
}
