import type { EventSink } from '../event-sink.ts';
import type { KnownContexts } from '../known-contexts.ts';
import { wordsOf } from '../text/words.ts';
import type { TaskRequest } from './task-request.ts';

/** A task at work: which one, by whom, and for how long (ms). */
export type TaskRun = { taskId: string; agentId: string; request: TaskRequest; tookMs: number };

/** Tells Bucket of tasks (CONTRACT A1). What Bucket says or fails to say shows in the events' metadata at most. */
export class TaskEvents {
  readonly #sink: EventSink;
  readonly #contexts: KnownContexts;

  constructor(sink: EventSink, contexts: KnownContexts) {
    this.#sink = sink;
    this.#contexts = contexts;
  }

  /** Writes `rl_outcome` and `agent_result`. */
  succeeded(run: TaskRun, outcome: { response: string; model: string; reward: number }): void {
    const { taskId, agentId, request, tookMs } = run;
    const processingTime = tookMs / 1000;
    const context = this.#contexts.peek(agentId);
    this.#sink.writeRlOutcome(agentId, outcome.reward, {
      task_id: taskId,
      processing_time: processingTime,
      input_type: request.inputType,
      tags: [...request.tags],
      ...(context === undefined ? {} : { known_event_count: context.event_count }),
    });
    this.#sink.writeAgentResult(taskId, agentId, {
      status: 200,
      response: outcome.response,
      processing_time: processingTime,
      model: outcome.model,
      tokens_used: wordsOf(request.input).length,
    });
  }

  /** Writes `task_error`. */
  failed({ taskId, agentId, request }: TaskRun, error: string): void {
    this.#sink.writeError({ taskId, agentId, error, inputType: request.inputType });
  }
}
