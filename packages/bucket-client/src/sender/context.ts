import type { AgentContext } from '@bhiv/contracts';

/**
 * The context in an answer of `GET /core/read-context`, null where Bucket has none, undefined where the answer is
 * not what CONTRACT A2 says. Fields that a newer Bucket adds are kept.
 */
export function contextOf(body: Record<string, unknown>): AgentContext | null | undefined {
  const { context } = body;
  if (context === null) return null;
  return isContext(context) ? context : undefined;
}

function isContext(value: unknown): value is AgentContext {
  if (typeof value !== 'object' || value === null) return false;
  const context: Partial<Record<keyof AgentContext, unknown>> = value;
  return (
    typeof context.agent_id === 'string' &&
    Number.isInteger(context.event_count) &&
    typeof context.last_updated === 'string' &&
    Array.isArray(context.recent_event_types) &&
    context.recent_event_types.every((type) => typeof type === 'string')
  );
}
