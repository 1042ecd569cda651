import { join } from 'node:path';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import type { ArtifactStore } from './artifact-store/artifact-store.ts';
import { createArtifactStore } from './artifact-store/create-artifact-store.ts';
import { openFileObjectStore } from './artifact-store/files/open.ts';
import { HashThreads } from './artifact-store/hashing/hash-threads.ts';
import type { ObjectStore } from './artifact-store/object-store.ts';
import { type Scrub, startScrub } from './artifact-store/scrub/scrub.ts';
import { asHostName, type Config } from './config.ts';
import type { EventStore } from './event-store/event-store.ts';
import { openSqliteEventStore } from './event-store/sqlite/open.ts';
import { createHttpServer } from './http/http-server.ts';
import { addProcessMetrics, createMetrics, type Metrics } from './metrics/metrics.ts';

/** How long requests in flight may take to end when Bucket stops. */
const DRAIN_WITHIN_MS = 5000;

/** The scrub leaves the rest of the disk to others; it is 2.6 TiB a day. */
const SCRUB_BYTES_PER_SECOND = 32 * 1024 * 1024;

export type Bucket = {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Stops accepting, finishes what is in flight, stores what was accepted, lets the data folder go. */
  stop(): Promise<void>;
};

type Stores = {
  readonly store: EventStore;
  readonly objects: ObjectStore;
  readonly artifacts: ArtifactStore;
  /** One set of threads for both: more than there are cores would only take memory. */
  readonly hashing: HashThreads;
};

/**
 * Starts a Bucket: opens its stores, then listens. Rejects with EventStoreOpenError, ObjectStoreOpenError, or the error
 * of listening (code EADDRINUSE, EACCES ...); then nothing is left open.
 */
export async function startBucket(config: Config, log: Logger): Promise<Bucket> {
  const { store, objects, artifacts, hashing } = await openStores(config, log);
  const metrics = createMetrics();
  addProcessMetrics(metrics);
  const scrub = scrubbing(config, { objects, log, metrics });
  const close = async () => {
    await scrub?.stop();
    await Promise.all([store.close(), artifacts.close()]);
    await hashing.close();
  };
  const server = createHttpServer(createApp({ ...config, store, artifacts, log, metrics }));
  try {
    const { port } = await server.listen(config.port, config.host);
    return {
      host: config.host,
      port,
      url: `http://${asHostName(config.host)}:${port}`,
      async stop() {
        await server.drain(DRAIN_WITHIN_MS);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openStores({ dataDir: folder, maxArtifactBytes }: Config, log: Logger): Promise<Stores> {
  const store = await openSqliteEventStore({
    folder,
    onWorkerDeath: (error) =>
      log.fatal({ err: error }, 'the event store has lost a thread: start Bucket anew'),
  });
  const onWorkerDeath = (error: Error) =>
    log.error({ err: error }, 'the artifact store has lost a thread, and starts another');
  const hashing = new HashThreads(onWorkerDeath);
  try {
    const objects = await openFileObjectStore({ folder, onWorkerDeath, hashing });
    const artifacts = createArtifactStore(objects, { maxArtifactBytes, hashing });
    return { store, objects, artifacts, hashing };
  } catch (error) {
    await Promise.all([store.close(), hashing.close()]);
    throw error;
  }
}

type ScrubDependencies = {
  readonly objects: ObjectStore;
  readonly log: Logger;
  readonly metrics: Metrics;
};

/** Reads all artifacts in the background where BUCKET_SCRUB says so. */
function scrubbing(
  { scrubDays, dataDir }: Config,
  { objects, log, metrics }: ScrubDependencies,
): Scrub | undefined {
  if (scrubDays === null) return undefined;
  return startScrub({
    objects,
    everyDays: scrubDays,
    bytesPerSecond: SCRUB_BYTES_PER_SECOND,
    stateFile: join(dataDir, 'artifacts', 'scrub-state'),
    onDamage({ kind, key, message }) {
      metrics.scrubDamage.inc({ kind });
      log.error({ kind, key }, `scrub: ${message}`);
    },
    onPass: (pass) => log.info(pass, 'scrub: everything that is stored has been read'),
    onError: (error) => log.warn({ err: error }, 'scrub: it could not go on, and tries again in a minute'),
  });
}
