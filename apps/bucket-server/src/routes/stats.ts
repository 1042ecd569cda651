import type { RequestHandler } from 'express';
import type { EventStats } from '../event-store/event-store.ts';
import { streamJson } from '../http/stream-json.ts';
import type { RouteDependencies } from './dependencies.ts';

/** GET /core/stats (CONTRACT A4). Streamed, because nothing bounds the number of agents. */
export function stats({
  store,
  limits,
  gate,
}: Pick<RouteDependencies, 'store' | 'limits' | 'gate'>): RequestHandler {
  return async (request, response) => {
    await gate.run(async () => {
      await streamJson(request, response, asJson(await store.stats()), limits);
    });
  };
}

async function* asJson({ totalEvents, trackedAgents, agentIds }: EventStats): AsyncGenerator<string> {
  let text = `{"stats":{"total_events":${totalEvents},"agents_with_context":${trackedAgents},"tracked_agents":[`;
  let separator = '';
  for await (const page of agentIds) {
    for (const agentId of page) {
      text += separator + JSON.stringify(agentId);
      separator = ',';
    }
    yield text;
    text = '';
  }
  yield `${text}]},"integration_status":"active"}`;
}
