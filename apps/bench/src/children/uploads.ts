// Uploads bodies over so many connections, each as soon as the one before it is stored. Gives the ms that all took.
import { type BlobServer, blobOf, upload } from '../load/blob-server.ts';
import { Connection } from '../load/connection.ts';
import { inTurns } from '../load/in-turns.ts';
import { perform, type Task } from '../processes/child.ts';

export interface TransfersInput {
  readonly server: BlobServer;
  /** The seeds of the bodies are this one and those that follow it. */
  readonly firstSeed: number;
  readonly count: number;
  readonly bytes: number;
  readonly connections: number;
}

export type Uploads = Task<TransfersInput, number>;

await perform<Uploads>(async ({ server, firstSeed, count, bytes, connections }) => {
  const blobs = Array.from({ length: count }, (_, i) => blobOf({ seed: firstSeed + i, bytes }));
  const opened = await Promise.all(Array.from({ length: connections }, () => Connection.open(server.url)));
  const start = performance.now();
  await inTurns(opened, blobs, (connection, blob) => upload(connection, server, blob));
  return performance.now() - start;
});
