import type { ProducedEvent } from '@bhiv/contracts';
import type { Fields } from './checks.ts';

/** A table's fields with their types, and any further field. */
export interface RlMetadata {
  readonly task_id?: string;
  /** Seconds. */
  readonly processing_time?: number;
  readonly input_type?: string;
  readonly tags?: readonly string[];
  readonly [field: string]: unknown;
}

export interface AgentResultInput {
  readonly status?: number;
  readonly response?: string;
  /** Seconds. */
  readonly processing_time?: number;
  readonly model?: string;
  readonly tokens_used?: number;
  readonly [field: string]: unknown;
}

export interface TaskErrorInput {
  readonly taskId: string;
  readonly agentId: string;
  /** What went wrong. An Error is written as its name and message, without its stack. */
  readonly error: unknown;
  readonly inputType?: string;
}

/** Any event of CONTRACT A1, with whatever other fields it has. The timestamp may be left out, or be a Date. */
export interface BucketEvent {
  readonly event_type: ProducedEvent['event_type'];
  readonly timestamp?: string | Date | null | undefined;
}

/** The `task_error` of a `writeError` call. May throw what the caller's values throw. */
export function taskErrorEvent(input: unknown): Fields {
  const given = typeof input === 'object' && input !== null ? input : {};
  const { taskId, agentId, error, inputType }: Partial<TaskErrorInput> = given;
  return {
    event_type: 'task_error',
    task_id: taskId,
    agent_id: agentId,
    error: errorText(error),
    input_type: inputType,
  };
}

/** An error as one string. Undefined and null stay what they are: the contract asks for a reason. */
function errorText(error: unknown): unknown {
  if (error === undefined || error === null || typeof error === 'string') return error;
  if (typeof error === 'object' && 'message' in error) {
    const name = 'name' in error && typeof error.name === 'string' ? error.name : 'Error';
    return `${name}: ${String(error.message)}`;
  }
  return String(error);
}
