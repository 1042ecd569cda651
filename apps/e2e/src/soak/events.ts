import { killLoop } from '../durability/kill-loop.ts';
import { numberAt, type Soak } from './soak.ts';

/** Kills a Bucket while events are written. */
export const events: Soak = {
  name: 'events',
  usage: '[rounds] [seed]',
  async run({ dataDir, args, tell }) {
    const summary = await killLoop({
      dataDir,
      rounds: numberAt(args, 0, 1_000),
      seed: numberAt(args, 1, 1),
      onRound({ rounds, acknowledged, broken }) {
        if (rounds % 25 !== 0) return;
        tell(`${rounds} kills, ${acknowledged} events acknowledged, ${broken.length} promises broken`);
      },
    });
    tell(
      `${summary.rounds} kills while writing and ${summary.killedAtStart} while starting: ` +
        `${summary.acknowledged} events acknowledged, ${summary.stored} stored, ` +
        `${summary.unanswered} without an answer, ${summary.broken.length} promises broken.`,
    );
    return summary.broken;
  },
};
