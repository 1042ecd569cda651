import { CoreError } from '../errors.ts';
import { draw } from '../seed.ts';
import type { RewardHistory } from './reward-history.ts';
import { ucb1 } from './ucb1.ts';

/** What the selection knows of an agent. */
export type Selectable = {
  id: string;
  tags: readonly string[];
  inputTypes: readonly string[];
  weight: number;
};

/** What a task says about the agent that it wants. */
export type Wish = { agent?: string; inputType: string; tags: readonly string[] };

/** Which rule chose the agent. */
export type SelectedBy = 'agent' | 'ucb1' | 'tag' | 'input_type';

export type SelectionRules = {
  /** How strongly UCB1 prefers what it knows little of, at first. */
  exploration: number;
  /** The exploration is multiplied by this after each rewarded task: from 0 to 1. */
  explorationDecay: number;
  seed: string;
};

/**
 * Chooses the agent of a task. The first rule that applies decides:
 * 1. the agent that the task names;
 * 2. UCB1 over past rewards, once any candidate has some; ties are drawn by seed and task number;
 * 3. by tag: among agents that carry the most of the task's tags, the heaviest;
 * 4. by input type: among agents that take it, the heaviest.
 * Candidates take the task's input type and carry as many of its tags as any of those does.
 * Throws `CoreError` `unknown_agent`, or `no_agent_fits` when no agent takes the input type.
 */
export function selectAgent<A extends Selectable>(
  agents: readonly A[],
  wish: Wish,
  history: RewardHistory,
  rules: SelectionRules,
  sequence: number,
): { agent: A; selectedBy: SelectedBy } {
  if (wish.agent !== undefined) return { agent: namedAgent(agents, wish), selectedBy: 'agent' };

  const { candidates, byTag } = candidatesFor(agents, wish);
  const arms = candidates.map(({ id, weight }) => ({ ...history.of(id), weight }));
  if (arms.some(({ tasks }) => tasks > 0)) {
    const exploration = rules.exploration * rules.explorationDecay ** history.total;
    const best = ucb1(arms, exploration);
    const agent = candidates[best[draw(rules.seed, 'tie', sequence, best.length)] ?? 0];
    if (agent !== undefined) return { agent, selectedBy: 'ucb1' };
  }
  return { agent: heaviest(candidates, wish.inputType, agents), selectedBy: byTag ? 'tag' : 'input_type' };
}

function namedAgent<A extends Selectable>(agents: readonly A[], { agent: id, inputType }: Wish): A {
  const agent = agents.find((candidate) => candidate.id === id);
  const known = agents.map((candidate) => candidate.id);
  if (agent === undefined) {
    throw new CoreError('unknown_agent', `There is no agent "${id}"; name one of: ${known.join(', ')}`, {
      known,
    });
  }
  if (!agent.inputTypes.includes(inputType)) {
    throw new CoreError(
      'no_agent_fits',
      `Agent "${id}" does not take input_type "${inputType}"; it takes: ${agent.inputTypes.join(', ')}`,
      { input_types: agent.inputTypes },
    );
  }
  return agent;
}

function candidatesFor<A extends Selectable>(agents: readonly A[], { inputType, tags }: Wish) {
  const takers = agents.filter((agent) => agent.inputTypes.includes(inputType));
  const shared = (agent: A) => tags.filter((tag) => agent.tags.includes(tag)).length;
  const most = Math.max(0, ...takers.map(shared));
  return { candidates: takers.filter((agent) => shared(agent) === most), byTag: most > 0 };
}

function heaviest<A extends Selectable>(candidates: readonly A[], inputType: string, all: readonly A[]): A {
  const [first, ...rest] = candidates;
  if (first === undefined) {
    const known = [...new Set(all.flatMap(({ inputTypes }) => inputTypes))];
    throw new CoreError(
      'no_agent_fits',
      `No agent takes input_type "${inputType}"; give one of: ${known.join(', ')}`,
      { input_types: known },
    );
  }
  return rest.reduce((best, agent) => (agent.weight > best.weight ? agent : best), first);
}
