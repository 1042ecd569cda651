import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { SocketLog } from './socket-log.ts';
import { type Arrival, WellBucket } from './well-bucket.ts';

/** What the thread of the black hole tells the thread that started it. */
export type BlackHoleMessage = { port: number } | { arrival: Arrival } | { blocked: true };

const gate: Int32Array = workerData;
const tell = (message: BlackHoleMessage) => parentPort?.postMessage(message);

const sockets = new SocketLog();
const bucket = new WellBucket((arrival) => tell({ arrival }));
const server = createServer((socket) => {
  sockets.watch(socket);
  bucket.accept(socket);
});

/**
 * Holds this thread, and so `accept`, until the gate opens. Sockets are gone first: their close needs the loop. A
 * client that lost one may connect again at once, so they are reset until none is left.
 */
async function block(): Promise<void> {
  while (sockets.open > 0) {
    sockets.resetAll();
    await new Promise(setImmediate);
  }
  tell({ blocked: true });
  Atomics.wait(gate, 0, 0);
}

parentPort?.on('message', block);
// A backlog of 1 is the shortest that Node passes on: it takes 0 for its default of 511.
server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, async () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  tell({ port: address.port });
  await block();
});
