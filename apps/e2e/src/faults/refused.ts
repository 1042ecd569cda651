import { createServer } from 'node:net';
import { type FaultServer, listen, stopListening } from './fault-server.ts';
import { SocketLog } from './socket-log.ts';
import { WellBucket } from './well-bucket.ts';

export interface RefusedOptions {
  /** Starts well and dies before it answers this event, counted from 1. Undefined: refuses from the start. */
  readonly diesAtEvent?: number;
}

/** A port that nobody listens on; healing it starts a Bucket there. */
export async function startRefused(options: RefusedOptions = {}): Promise<FaultServer> {
  const sockets = new SocketLog();
  const server = createServer((socket) => {
    sockets.watch(socket);
    bucket.accept(socket);
  });
  const fail = async () => {
    if (server.listening) await stopListening(server, sockets);
  };
  const bucket = new WellBucket(() => {
    if (bucket.arrivals.length === options.diesAtEvent) void fail();
  });
  const port = await listen(server);
  if (options.diesAtEvent === undefined) await fail();

  return {
    url: `http://127.0.0.1:${port}`,
    sockets,
    arrivals: bucket.arrivals,
    ownPorts: new Set(),
    stray: () => 0,
    heal: async () => {
      await listen(server, port);
    },
    fail,
    stop: fail,
  };
}
