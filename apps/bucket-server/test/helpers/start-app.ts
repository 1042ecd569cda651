import { type Logger, pino } from 'pino';
import { type AppDependencies, createApp } from '../../src/app.ts';
import type { ArtifactStore } from '../../src/artifact-store/artifact-store.ts';
import { createArtifactStore } from '../../src/artifact-store/create-artifact-store.ts';
import { openFileObjectStore } from '../../src/artifact-store/files/open.ts';
import type { EventStore } from '../../src/event-store/event-store.ts';
import { createHttpServer, type HttpServer } from '../../src/http/http-server.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { openUnderTest, type SqliteUnderTest } from './sqlite-under-test.ts';

export type LogLine = Readonly<Record<string, unknown>>;

export type RunningApp = {
  readonly port: number;
  readonly store: EventStore;
  readonly artifacts: ArtifactStore;
  readonly folder: string;
  readonly server: HttpServer;
  /** What the app has logged, from level debug up. */
  readonly logLines: LogLine[];
  stop(): Promise<void>;
};

type Options = Partial<AppDependencies> & { readonly workers?: Parameters<typeof openUnderTest>[0] };

/** The app on a free port of 127.0.0.1, with real stores in a folder of its own. */
export async function startApp({ workers, ...given }: Options = {}): Promise<RunningApp> {
  const underTest: SqliteUnderTest = await openUnderTest(workers ?? {});
  const logLines: LogLine[] = [];
  const log: Logger = pino({ level: 'debug' }, { write: (line: string) => logLines.push(JSON.parse(line)) });
  const { store, folder } = underTest;
  const { maxArtifactBytes = 1024 ** 3 } = given;
  const artifacts = createArtifactStore(await openFileObjectStore({ folder }), { maxArtifactBytes });
  const defaults = { maxEventBytes: 1024 * 1024, maxArtifactBytes, verifyOnRead: true, allowedHosts: [] };
  const server = createHttpServer(
    createApp({ store, artifacts, log, metrics: createMetrics(), ...defaults, ...given }),
  );
  const { port } = await server.listen(0, '127.0.0.1');
  return {
    port,
    store,
    artifacts,
    folder,
    server,
    logLines,
    async stop() {
      await server.drain(2000);
      await artifacts.close();
      await underTest.dispose();
    },
  };
}
