import { race as runRace } from '../artifacts/race.ts';
import { numberAt, type Soak } from './soak.ts';

/** Many clients put different bytes to one version. */
export const race: Soak = {
  name: 'race',
  usage: '[rounds] [clients]',
  async run({ dataDir, args, tell }) {
    const summary = await runRace({
      dataDir,
      rounds: numberAt(args, 0, 1_000),
      clients: numberAt(args, 1, 64),
      onRound({ rounds, broken }) {
        if (rounds % 50 === 0) tell(`${rounds} rounds, ${broken.length} promises broken`);
      },
    });
    const { rounds, won, lost, broken } = summary;
    tell(`${rounds} rounds: ${won} won, ${lost} lost with 409, ${broken.length} promises broken.`);
    return broken;
  },
};
