// Downloads what `uploads.ts` uploaded, in the same way, and throws the bytes away. Gives the ms that all took.
import { blobOf, download } from '../load/blob-server.ts';
import { Connection } from '../load/connection.ts';
import { inTurns } from '../load/in-turns.ts';
import { perform, type Task } from '../processes/child.ts';
import type { TransfersInput } from './uploads.ts';

export type Downloads = Task<TransfersInput, number>;

/** As much as one read takes from the kernel at a time: large, so that the counting of bytes costs little. */
const RECEIVE_BYTES = 1024 * 1024;

await perform<Downloads>(async ({ server, firstSeed, count, bytes, connections }) => {
  const blobs = Array.from({ length: count }, (_, i) => blobOf({ seed: firstSeed + i, bytes }));
  const open = () => Connection.open(server.url, { receiveBytes: Math.min(2 * bytes, RECEIVE_BYTES) });
  const opened = await Promise.all(Array.from({ length: connections }, open));
  const start = performance.now();
  await inTurns(opened, blobs, (connection, blob) => download(connection, server, blob));
  return performance.now() - start;
});
