import type { CoreHealth } from '@bhiv/contracts';
import express, { type Express } from 'express';
import type { EventSink } from './event-sink.ts';
import { errorAnswer, notFound, onlyMethod } from './http/error-answer.ts';
import { localOnly } from './http/local-only.ts';
import { requireHost } from './http/require-host.ts';
import { jsonOf, readBody } from './http/task-body.ts';
import { parseTask } from './tasks/task-request.ts';
import type { TaskRunner } from './tasks/task-runner.ts';

/** What Core's HTTP face is wired to. */
export type AppDeps = {
  runner: TaskRunner;
  sink: Pick<EventSink, 'stats'>;
  version: string;
  /** What `GET /config` shows, given the port that was called. Must hold no secret. */
  shownConfig: (port: number | undefined) => object;
  /** The most bytes that a task's body may have. */
  maxBodyBytes: number;
  /** Whether Core listens on loopback, and so takes calls from programs on this machine only. */
  local: boolean;
  /** Called with errors that are Core's own fault. */
  onFault: (error: unknown) => void;
};

/** Core as an Express application: `POST /handle_task`, `GET /health`, `GET /config`. Starts nothing. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requireHost);
  if (deps.local) app.use(localOnly);

  app
    .route('/handle_task')
    // Any content type is read as JSON: people call this with a bare `curl -d`. Pages are kept away by Origin.
    .post(readBody(deps.maxBodyBytes), async (request, response) => {
      response.json(await deps.runner.run(parseTask(jsonOf(request))));
    })
    .all(onlyMethod('POST'));

  app
    .route('/health')
    .get((_request, response) => {
      // Core is well whatever becomes of Bucket (CONTRACT A6): the client's counts are for people to look at.
      const health: CoreHealth = {
        status: 'healthy',
        core_version: deps.version,
        tasks: deps.runner.counts,
        bucket_client: deps.sink.stats(),
      };
      response.json(health);
    })
    .all(onlyMethod('GET'));

  app
    .route('/config')
    .get((request, response) => {
      response.json(deps.shownConfig(request.socket.localPort));
    })
    .all(onlyMethod('GET'));

  app.use(notFound);
  app.use(errorAnswer(deps.onFault));
  return app;
}
