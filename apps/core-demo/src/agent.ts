import { ConfigError } from './errors.ts';
import { schemaCheck } from './schema-check.ts';

/** What an agent is given. It must answer from this and its own options alone: no clock, no dice. */
type AgentTask = {
  input: string;
  inputType: string;
};

export type AgentOutput = {
  /** The answer as text. */
  response: string;
  /** The same answer as data, for programs. JSON values only. */
  data: Record<string, unknown>;
  /**
   * How good the output is, measured on the output itself: each figure from 0 (useless) to 1 (perfect),
   * by name. The reward of the task is made from them (see `rewardOf`).
   */
  measures: Record<string, number>;
};

/** One way of working on a text. Throws `UnusableInputError` for an input that it cannot work on. */
export type Agent = {
  /** The method's name, reported as `model` in the task's events. */
  readonly model: string;
  run(task: AgentTask): AgentOutput | Promise<AgentOutput>;
};

/** What Core lends to an agent while it is being made. */
export type AgentSurroundings = {
  /** Folder of the documents that may be read. */
  documentsDir: string;
};

/** The default export of a file in `agents/`. */
export type AgentDefinition = {
  /** Makes the agent. Rejects with `ConfigError` when the options of its config entry are wrong. */
  make(id: string, options: unknown, surroundings: AgentSurroundings): Promise<Agent>;
};

/** Defines an agent by the JSON Schema of its options and the function that makes it from checked options. */
export function defineAgent<Options>(
  optionsSchema: object,
  create: (options: Options, surroundings: AgentSurroundings) => Agent | Promise<Agent>,
): AgentDefinition {
  const check = schemaCheck<Options>(optionsSchema);
  return {
    async make(id, options, surroundings) {
      const checked = check(options);
      if (!checked.ok) {
        throw new ConfigError(checked.problems.map((problem) => `options of agent "${id}": ${problem}`));
      }
      return create(checked.value, surroundings);
    },
  };
}
