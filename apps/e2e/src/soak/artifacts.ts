import { artifactKillLoop } from '../artifacts/kill-loop.ts';
import { numberAt, type Soak } from './soak.ts';

/** Kills a Bucket while artifacts are uploaded. */
export const artifacts: Soak = {
  name: 'artifacts',
  usage: '[rounds] [seed]',
  async run({ dataDir, args, tell }) {
    const summary = await artifactKillLoop({
      dataDir,
      rounds: numberAt(args, 0, 1_000),
      seed: numberAt(args, 1, 1),
      onRound({ rounds, acknowledged, bytes, broken }) {
        if (rounds % 25 !== 0) return;
        const sent = (bytes / 1e9).toFixed(1);
        tell(
          `${rounds} kills, ${acknowledged} uploads acknowledged, ${sent} GB sent, ${broken.length} promises broken`,
        );
      },
    });
    tell(
      `${summary.rounds} kills while uploading and ${summary.killedAtStart} while starting: ` +
        `${summary.acknowledged} uploads acknowledged, ${summary.conflicts} conflicts, ` +
        `${summary.unanswered} without an answer (${summary.storedUnanswered} of them stored, whole), ` +
        `${summary.temps} temporary files left by kills and removed by starts, ` +
        `${summary.broken.length} promises broken.`,
    );
    return summary.broken;
  },
};
