import type { AgentOutput } from '../agent.ts';
import type { LoadedAgent } from '../agent-loader.ts';
import { CoreError, messageOf, UnusableInputError } from '../errors.ts';
import type { EventSink } from '../event-sink.ts';
import { KnownContexts } from '../known-contexts.ts';
import { taskIdOf } from '../seed.ts';
import { RewardHistory } from '../selection/reward-history.ts';
import { type SelectedBy, type SelectionRules, selectAgent } from '../selection/select-agent.ts';
import { rewardOf } from './reward.ts';
import { TaskEvents } from './task-events.ts';
import type { TaskRequest } from './task-request.ts';

/** The answer to a task. It holds no time and no chance: the same tasks under the same seed give the same bytes. */
export type TaskAnswer = {
  task_id: string;
  status: 'success';
  agent: string;
  selected_by: SelectedBy;
  input_type: string;
  response: string;
  data: Record<string, unknown>;
  measures: Record<string, number>;
  reward: number;
};

/** Called with every fault of an agent, which the answer names but does not explain. */
export type OnAgentFault = (error: unknown, task: { taskId: string; agentId: string }) => void;

/** Runs tasks: chooses the agent, lets it work, learns from the reward, tells Bucket. All state is in memory. */
export class TaskRunner {
  readonly #agents: readonly LoadedAgent[];
  readonly #rules: SelectionRules;
  readonly #contexts: KnownContexts;
  readonly #events: TaskEvents;
  readonly #onAgentFault: OnAgentFault;
  readonly #history: RewardHistory;
  #sequence = 0;
  #failed = 0;

  /** @param history what was learnt before; it goes on there */
  constructor(
    agents: readonly LoadedAgent[],
    rules: SelectionRules,
    sink: EventSink,
    onAgentFault: OnAgentFault,
    history = new RewardHistory(),
  ) {
    this.#agents = agents;
    this.#rules = rules;
    this.#contexts = new KnownContexts(sink);
    this.#events = new TaskEvents(sink, this.#contexts);
    this.#onAgentFault = onAgentFault;
    this.#history = history;
  }

  /** Tasks taken since the start, and how many of them failed. */
  get counts(): { taken: number; failed: number } {
    return { taken: this.#sequence, failed: this.#failed };
  }

  /**
   * Runs one task. Never waits for Bucket. Rejects with `CoreError`: `unknown_agent` or `no_agent_fits` before a
   * task id is given; `unusable_input` or `agent_failed`, with the task id in details, when the agent threw.
   */
  async run(request: TaskRequest): Promise<TaskAnswer> {
    const { agent, selectedBy } = selectAgent(
      this.#agents,
      request,
      this.#history,
      this.#rules,
      this.#sequence,
    );
    const taskId = taskIdOf(this.#rules.seed, this.#sequence++);
    this.#contexts.refresh(agent.id);
    const started = performance.now();
    const run = () => ({ taskId, agentId: agent.id, request, tookMs: performance.now() - started });

    let work: { output: AgentOutput; reward: number };
    try {
      const output = await agent.agent.run({ input: request.input, inputType: request.inputType });
      const reward = rewardOf(output.measures);
      work = { output: { ...output, measures: atMostOne(output.measures) }, reward };
    } catch (error) {
      this.#failed++;
      this.#history.record(agent.id, 0);
      this.#events.failed(run(), messageOf(error));
      throw this.#answerTo(error, taskId, agent.id);
    }

    const { output, reward } = work;
    this.#history.record(agent.id, reward);
    this.#events.succeeded(run(), { response: output.response, model: agent.agent.model, reward });
    return {
      task_id: taskId,
      status: 'success',
      agent: agent.id,
      selected_by: selectedBy,
      input_type: request.inputType,
      ...output,
      reward,
    };
  }

  #answerTo(error: unknown, taskId: string, agentId: string): CoreError {
    const details = { task_id: taskId, agent: agentId };
    if (error instanceof UnusableInputError) return new CoreError('unusable_input', error.message, details);
    this.#onAgentFault(error, { taskId, agentId });
    return new CoreError(
      'agent_failed',
      `Agent "${agentId}" failed on task ${taskId}; Core's log says why`,
      details,
    );
  }
}

/** A sum of rounded shares may pass 1 by a hair; what is shown does not. */
function atMostOne(measures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(measures).map(([name, value]) => [name, Math.min(value, 1)]));
}
