import type { RequestHandler } from 'express';
import type { RouteDependencies } from './dependencies.ts';

/** GET /metrics: the counters, in the text format of Prometheus. */
export function metricsText({ metrics }: Pick<RouteDependencies, 'metrics'>): RequestHandler {
  return async (_request, response) => {
    const text = await metrics.registry.metrics();
    response.writeHead(200, { 'Content-Type': metrics.registry.contentType }).end(text);
  };
}
