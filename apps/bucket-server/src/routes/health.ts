import { BUCKET_VERSION, type BucketHealth } from '@bhiv/contracts';
import type { RequestHandler } from 'express';
import { answerJson } from '../http/answer.ts';
import type { RouteDependencies } from './dependencies.ts';

/** GET /health (CONTRACT A5): 503 and `degraded` when one of the stores does not work; `services` says which, and how. */
export function health({ store, artifacts }: Pick<RouteDependencies, 'store' | 'artifacts'>): RequestHandler {
  return async (_request, response) => {
    const [events, artifactStore] = await Promise.all([store.health(), artifacts.health()]);
    const services = { events: events.state, artifact_store: artifactStore };
    const isHealthy = Object.values(services).every((state) => state === 'healthy');
    const body: BucketHealth = {
      status: isHealthy ? 'healthy' : 'degraded',
      bucket_version: BUCKET_VERSION,
      core_integration: {
        status: 'active',
        events_received: events.totalEvents,
        agents_tracked: events.trackedAgents,
      },
      services,
    };
    answerJson(response, { status: isHealthy ? 200 : 503, body });
  };
}
