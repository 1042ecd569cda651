import type { AgentContext } from '@bhiv/contracts';

/**
 * All that Core knows of Bucket. `BucketClient` fits it. Core counts on CONTRACT A6: writes return at once and
 * never throw; a read settles within 2 s and never rejects.
 */
export type EventSink = {
  writeRlOutcome(agentId: string, reward: number, metadata?: Record<string, unknown>): boolean;
  writeAgentResult(taskId: string, agentId: string, result: Record<string, unknown>): boolean;
  writeError(failure: { taskId: string; agentId: string; error: string; inputType?: string }): boolean;
  readContext(agentId: string): Promise<AgentContext | null>;
  /** Counts of what became of the events, for `GET /health`. */
  stats(): object;
};
