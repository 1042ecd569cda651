import type { RegistryStore } from '../registry-store.ts';
import { createSqlStore } from '../sql/sql-store.ts';
import { DataFiles } from './data-files.ts';
import { openDatabases } from './database.ts';
import { kyselyForReading, kyselyForWriting } from './dialect.ts';
import { failureOf } from './failure.ts';

/**
 * The SQLite store on the thread that calls it, which each call holds until the disk has answered: it belongs in a
 * worker thread. Throws RegistryOpenError.
 */
export function openInThread({
  path,
  busyTimeoutMs,
}: {
  readonly path: string;
  readonly busyTimeoutMs: number;
}): RegistryStore {
  const { writer, reader } = openDatabases(path, busyTimeoutMs);
  const files = new DataFiles(path);
  const beforeWrite = () => files.mustBeThere();
  return createSqlStore({
    read: kyselyForReading(reader),
    write: kyselyForWriting(writer, { busyTimeoutMs, beforeWrite }),
    failure: (error) => failureOf(error, path),
    async close() {
      reader.close();
      writer.close(); // the last connection to close takes the write-ahead log into the database
    },
  });
}
