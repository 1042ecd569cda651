import type { Logger } from 'pino';
import { createApp } from './app.ts';
import { asHostName, type Config } from './config.ts';
import { openSqliteEventStore } from './event-store/sqlite/open.ts';
import { createHttpServer } from './http/http-server.ts';

/** How long requests in flight may take to end when Bucket stops. */
const DRAIN_WITHIN_MS = 5000;

export type Bucket = {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Stops accepting, finishes what is in flight, stores what was accepted, lets the data folder go. */
  stop(): Promise<void>;
};

/**
 * Starts a Bucket: opens its event store, then listens. Rejects with EventStoreOpenError, or with the error of
 * listening (code EADDRINUSE, EACCES ...); then nothing is left open.
 */
export async function startBucket(config: Config, log: Logger): Promise<Bucket> {
  const store = await openSqliteEventStore({
    folder: config.dataDir,
    onWorkerDeath: (error) =>
      log.fatal({ err: error }, 'the event store has lost a thread: start Bucket anew'),
  });
  const { maxEventBytes, allowedHosts } = config;
  const server = createHttpServer(createApp({ store, log, maxEventBytes, allowedHosts }));
  try {
    const { port } = await server.listen(config.port, config.host);
    return {
      host: config.host,
      port,
      url: `http://${asHostName(config.host)}:${port}`,
      async stop() {
        await server.drain(DRAIN_WITHIN_MS);
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
