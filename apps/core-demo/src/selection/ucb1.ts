import type { Earnings } from './reward-history.ts';

/** One agent to choose from. `weight` scales what its past rewards count for. */
export type Arm = Earnings & { weight: number };

/**
 * UCB1 (Auer, Cesa-Bianchi and Fischer, "Finite-time Analysis of the Multiarmed Bandit Problem", 2002):
 * the mean reward plus a bonus for what is little known, `exploration × sqrt(2 ln N / n)`.
 * Returns the indexes of the best arms, more than one where they are equal. An arm never tried is best.
 */
export function ucb1(arms: readonly Arm[], exploration: number): number[] {
  const all = arms.reduce((sum, arm) => sum + arm.tasks, 0);
  const scores = arms.map(({ weight, mean, tasks }) =>
    tasks === 0
      ? Number.POSITIVE_INFINITY
      : weight * mean + exploration * Math.sqrt((2 * Math.log(all)) / tasks),
  );
  const best = Math.max(...scores);
  return scores.flatMap((score, index) => (score === best ? [index] : []));
}
