/** What an agent earned so far. */
export type Earnings = { tasks: number; mean: number };

/** The rewards of past tasks, by agent, in memory. Cost does not grow with the number of tasks. */
export class RewardHistory {
  readonly #sums = new Map<string, { tasks: number; sum: number }>();
  #total = 0;

  /** Tasks rewarded so far, over all agents. */
  get total(): number {
    return this.#total;
  }

  /** Adds the reward (0 to 1) of one task. */
  record(agentId: string, reward: number): void {
    const { tasks, sum } = this.#sums.get(agentId) ?? { tasks: 0, sum: 0 };
    this.#sums.set(agentId, { tasks: tasks + 1, sum: sum + reward });
    this.#total++;
  }

  /** `{tasks: 0, mean: 0}` for an agent without a past. */
  of(agentId: string): Earnings {
    const { tasks, sum } = this.#sums.get(agentId) ?? { tasks: 0, sum: 0 };
    return { tasks, mean: tasks === 0 ? 0 : sum / tasks };
  }
}
