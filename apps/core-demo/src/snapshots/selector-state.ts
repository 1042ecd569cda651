import { messageOf } from '../errors.ts';
import { schemaCheck } from '../schema-check.ts';
import { RewardHistory, type Rewards } from '../selection/reward-history.ts';

/** What a snapshot holds: JSON, in one file. The number in `format` changes with its meaning. */
type SelectorState = { format: typeof FORMAT; agents: Rewards[] };

const FORMAT = 'bhiv-core-selector/1';

const check = schemaCheck<SelectorState>({
  type: 'object',
  properties: {
    format: { const: FORMAT },
    agents: {
      type: 'array',
      maxItems: 10_000,
      items: {
        type: 'object',
        properties: {
          id: { type: 'string', minLength: 1, maxLength: 255 },
          tasks: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
          sum: { type: 'number', minimum: 0 },
        },
        required: ['id', 'tasks', 'sum'],
        additionalProperties: false,
      },
    },
  },
  required: ['format', 'agents'],
  additionalProperties: false,
});

/** What the selection has learnt, as the text of a snapshot. */
export function writeState(history: RewardHistory): string {
  const state: SelectorState = { format: FORMAT, agents: history.rewards };
  return `${JSON.stringify(state, null, 2)}\n`;
}

/**
 * Reads the text of a snapshot. Agents that this Core does not have are kept: they cost nothing, and the next snapshot
 * has them again. Throws an error that says what is wrong with the text.
 */
export function readState(text: string): RewardHistory {
  const checked = check(parsed(text));
  if (!checked.ok) throw new Error(`The snapshot is no state of a selection: ${checked.problems.join('; ')}`);
  const { agents } = checked.value;
  // A reward is 1 at the most; sums of rewards may pass the number of tasks by a hair.
  const wrong = agents.find(({ id, tasks, sum }, index) => {
    return sum > tasks * (1 + 1e-9) || agents.findIndex((other) => other.id === id) !== index;
  });
  if (wrong === undefined) return RewardHistory.from(agents);
  throw new Error(
    `The snapshot is no state of a selection: the agent "${wrong.id}" is there twice, or has a sum of ${wrong.sum} from ${wrong.tasks} tasks`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`The snapshot is no JSON: ${messageOf(error)}`);
  }
}
