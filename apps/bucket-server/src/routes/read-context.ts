import type { ReadContextResponse } from '@bhiv/contracts';
import type { RequestHandler } from 'express';
import { RequestError } from '../errors.ts';
import type { AgentMemory } from '../event-store/event-store.ts';
import { answerJson } from '../http/answer.ts';
import { queryParameter } from '../http/query.ts';
import { requireRequester } from '../http/requester.ts';
import type { RouteDependencies } from './dependencies.ts';

/** GET /core/read-context?agent_id=…&requester_id=bhiv_core (CONTRACT A2). The empty string is an agent like any. */
export function readContext({ store }: Pick<RouteDependencies, 'store'>): RequestHandler {
  return async (request, response) => {
    requireRequester(queryParameter(request, 'requester_id'), 'requester_id');
    const agentId = queryParameter(request, 'agent_id');
    if (agentId === undefined) {
      const message = 'The parameter agent_id is missing: add it, for example agent_id=text_summarizer.';
      throw new RequestError('missing_parameter', message, { field: 'agent_id', value: 'missing' });
    }
    const memory = await store.context(agentId);
    const body: ReadContextResponse = { success: true, context: memory && asContext(agentId, memory) };
    answerJson(response, { status: 200, body });
  };
}

/** `recent_event_types`: the distinct types of the agent's last 10 events, in the order of their first appearance. */
function asContext(agentId: string, memory: AgentMemory): NonNullable<ReadContextResponse['context']> {
  return {
    agent_id: agentId,
    event_count: memory.eventCount,
    last_updated: memory.lastTimestamp,
    recent_event_types: [...new Set(memory.lastEventTypes)],
  };
}
