/** What an agent earned so far. */
export type Earnings = { tasks: number; mean: number };

/** What a history holds of one agent: how many tasks, and the sum of their rewards. */
export type Rewards = { id: string; tasks: number; sum: number };

/** The rewards of past tasks, by agent, in memory. Cost does not grow with the number of tasks. */
export class RewardHistory {
  readonly #sums = new Map<string, { tasks: number; sum: number }>();
  #total = 0;

  /** Begins with what another history held. */
  static from(rewards: readonly Rewards[]): RewardHistory {
    const history = new RewardHistory();
    for (const { id, tasks, sum } of rewards) {
      history.#sums.set(id, { tasks, sum });
      history.#total += tasks;
    }
    return history;
  }

  /** Tasks rewarded so far, over all agents. */
  get total(): number {
    return this.#total;
  }

  /** All that is held, as plain data: a copy, agent by agent in the order of their first reward. */
  get rewards(): Rewards[] {
    return [...this.#sums].map(([id, { tasks, sum }]) => ({ id, tasks, sum }));
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
