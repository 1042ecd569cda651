import { type Logger, pino } from 'pino';
import { type AppDependencies, createApp } from '../../src/app.ts';
import type { EventStore } from '../../src/event-store/event-store.ts';
import { createHttpServer, type HttpServer } from '../../src/http/http-server.ts';
import { openUnderTest, type SqliteUnderTest } from './sqlite-under-test.ts';

export type LogLine = Readonly<Record<string, unknown>>;

export type RunningApp = {
  readonly port: number;
  readonly store: EventStore;
  readonly folder: string;
  readonly server: HttpServer;
  /** What the app has logged, from level debug up. */
  readonly logLines: LogLine[];
  stop(): Promise<void>;
};

type Options = Partial<AppDependencies> & { readonly workers?: Parameters<typeof openUnderTest>[0] };

/** The app on a free port of 127.0.0.1, with a real event store in a folder of its own. */
export async function startApp({ workers, ...given }: Options = {}): Promise<RunningApp> {
  const underTest: SqliteUnderTest = await openUnderTest(workers ?? {});
  const logLines: LogLine[] = [];
  const log: Logger = pino({ level: 'debug' }, { write: (line: string) => logLines.push(JSON.parse(line)) });
  const { store, folder } = underTest;
  const server = createHttpServer(
    createApp({ store, log, maxEventBytes: 1024 * 1024, allowedHosts: [], ...given }),
  );
  const { port } = await server.listen(0, '127.0.0.1');
  return {
    port,
    store,
    folder,
    server,
    logLines,
    async stop() {
      await server.drain(2000);
      await underTest.dispose();
    },
  };
}
