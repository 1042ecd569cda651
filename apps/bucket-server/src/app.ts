import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { ArtifactStore } from './artifact-store/artifact-store.ts';
import { RequestError } from './errors.ts';
import type { EventStore } from './event-store/event-store.ts';
import { setCommonHeaders } from './http/answer.ts';
import { answerErrors } from './http/answer-errors.ts';
import { ByteBudget } from './http/byte-budget.ts';
import { checkHead } from './http/check-head.ts';
import { checkHost } from './http/check-host.ts';
import { Gate } from './http/gate.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { measuredAppends } from './metrics/measured-appends.ts';
import type { Metrics } from './metrics/metrics.ts';
import { ARTIFACT_PATH, VERSIONS_PATH } from './routes/artifacts/artifact-path.ts';
import { getArtifact } from './routes/artifacts/get-artifact.ts';
import { listVersions } from './routes/artifacts/list-versions.ts';
import { putArtifact } from './routes/artifacts/put-artifact.ts';
import { events } from './routes/events.ts';
import { health } from './routes/health.ts';
import { livez } from './routes/livez.ts';
import { metricsText } from './routes/metrics.ts';
import { readContext } from './routes/read-context.ts';
import { readyz } from './routes/readyz.ts';
import { stats } from './routes/stats.ts';
import { WRITE_EVENT_PATH, writeEvent } from './routes/write-event.ts';
import { shorten } from './shorten.ts';

export type AppDependencies = {
  readonly store: EventStore;
  readonly artifacts: ArtifactStore;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The most bytes of the body of one event. */
  readonly maxEventBytes: number;
  /** The most bytes of one artifact. */
  readonly maxArtifactBytes: number;
  /** Whether whole artifacts are checked against their digest while they are sent. */
  readonly verifyOnRead: boolean;
  /** Names beside the loopback ones that Host and Origin may carry; null: anything goes (a gateway checks). */
  readonly allowedHosts: readonly string[] | null;
  /** @default DEFAULT_LIMITS */
  readonly limits?: Partial<Limits>;
};

/**
 * Puts the routes together. Pure wiring: nothing is opened and nothing listens.
 *
 * Express carries every route but one: a write of an event goes past it, straight from node:http to its handler,
 * because Express alone costs as much as half of all the rest of such a request.
 */
export function createApp({
  store,
  artifacts,
  log,
  metrics,
  maxEventBytes,
  maxArtifactBytes,
  verifyOnRead,
  allowedHosts,
  limits: given,
}: AppDependencies): RequestListener {
  const limits = { ...DEFAULT_LIMITS, ...given };
  // A budget that one event could not fit in would refuse that event for ever.
  const budget = new ByteBudget(Math.max(limits.bytesInFlight, maxEventBytes));
  const listings = { places: limits.listings, waitMs: limits.listingWaitMs };
  const app = express();
  // Set before the first route: a path that is nearly right is not found, never guessed at.
  for (const setting of ['case sensitive routing', 'strict routing']) app.enable(setting);
  for (const setting of ['x-powered-by', 'etag', 'query parser']) app.disable(setting);

  const mayAskThis = allowedHosts === null ? () => undefined : checkHost(allowedHosts);
  const check = (request: IncomingMessage) => {
    checkHead(request);
    mayAskThis(request);
  };
  const fail = answerErrors(log, limits);

  app.use((request, response, next) => {
    setCommonHeaders(response);
    check(request);
    next();
  });

  const get = (path: string | RegExp, handler: RequestHandler) => {
    app.get(path, handler);
    app.all(path, refuseMethod('GET, HEAD'));
  };
  const measured = measuredAppends(store, metrics);
  const write = writeEvent({ store: measured, log, maxEventBytes, limits, budget });
  app.post(WRITE_EVENT_PATH, write);
  app.all(WRITE_EVENT_PATH, refuseMethod('POST'));
  get('/core/read-context', readContext({ store }));
  get('/core/events', events({ store, limits, gate: new Gate(listings) }));
  get('/core/stats', stats({ store, limits, gate: new Gate(listings) }));
  app.put(ARTIFACT_PATH, putArtifact({ artifacts, log, metrics, maxArtifactBytes, limits }));
  app.get(ARTIFACT_PATH, getArtifact({ artifacts, log, metrics, verifyOnRead, limits }));
  app.all(ARTIFACT_PATH, refuseMethod('GET, HEAD, PUT'));
  get(VERSIONS_PATH, listVersions({ artifacts, log, metrics, limits, gate: new Gate(listings) }));
  get('/health', health({ store, artifacts }));
  get('/livez', livez());
  get('/readyz', readyz({ store, artifacts }));
  get('/metrics', metricsText({ metrics }));

  app.use(refusePath);
  // Express knows an error handler by its four parameters.
  const answerError: ErrorRequestHandler = (error, request, response, _next) =>
    fail(error, request, response);
  app.use(answerError);

  const writeDirectly = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      check(request);
      await write(request, response);
    } catch (error) {
      if (!response.headersSent) setCommonHeaders(response);
      fail(error, request, response);
    }
  };
  return (request, response) => {
    if (isEventWrite(request)) void writeDirectly(request, response);
    else app(request, response);
  };
}

/** The one form in which clients ask for it; Express finds the others (an absolute URL, say). */
function isEventWrite({ method, url }: IncomingMessage): boolean {
  return method === 'POST' && (url === WRITE_EVENT_PATH || url?.startsWith(`${WRITE_EVENT_PATH}?`) === true);
}

function refuseMethod(allow: string): RequestHandler {
  return ({ method, path }) => {
    const message = `${method} is not possible on ${path}: use ${allow}.`;
    throw new RequestError('method_not_allowed', message, { method, allow }, { Allow: allow });
  };
}

const refusePath: RequestHandler = (request) => {
  const path = shorten(request.path);
  const message = `There is nothing at ${path}: the README of bucket-server lists the paths, which are case-sensitive.`;
  throw new RequestError('not_found', message, { path });
};
