import { BUCKET_VERSION, type BucketHealth } from '@bhiv/contracts';
import type { RequestHandler } from 'express';
import { answerJson } from '../http/answer.ts';
import type { RouteDependencies } from './dependencies.ts';

/** GET /health (CONTRACT A5): 503 and `degraded` when the event store does not work; `services` says how. */
export function health({ store }: Pick<RouteDependencies, 'store'>): RequestHandler {
  return async (_request, response) => {
    const { state, totalEvents, trackedAgents } = await store.health();
    const isHealthy = state === 'healthy';
    const body: BucketHealth = {
      status: isHealthy ? 'healthy' : 'degraded',
      bucket_version: BUCKET_VERSION,
      core_integration: { status: 'active', events_received: totalEvents, agents_tracked: trackedAgents },
      services: { events: state },
    };
    answerJson(response, { status: isHealthy ? 200 : 503, body });
  };
}
