import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { SocketLog } from './socket-log.ts';
import { type Arrival, WellBucket } from './well-bucket.ts';

/** A server that has one fault, and can be healed in place: the same port becomes a well v1.0 Bucket. */
export interface FaultServer {
  readonly url: string;
  /** The connections it had; undefined where the fault keeps them from ever being accepted. */
  readonly sockets: SocketLog | undefined;
  /** The events that arrived while it was well. */
  readonly arrivals: readonly Arrival[];
  /** Connections of its own that fill a queue, to be left out when sockets are counted from outside. */
  readonly ownPorts: ReadonlySet<number>;
  /** Requests that reached a place where none should ever arrive (the target of a redirect). */
  stray(): number;
  /** Ends the fault. Old connections are reset, as those of a restarted process are. */
  heal(): Promise<void>;
  /** Brings the fault back. Old connections are reset. */
  fail(): Promise<void>;
  stop(): Promise<void>;
}

/** What a fault does with each connection that the server accepts. */
export type Fault = (socket: Socket) => void;

/** `port`: undefined until it listens, then kept through heal and fail. */
export interface SwitchOptions {
  readonly fault: Fault;
  /** The healed Bucket speaks TLS, with the test certificate. */
  readonly tls?: boolean;
  /** Heal without a reset: connections from before stay in their fault for ever. */
  readonly keepsOldSockets?: boolean;
  readonly stray?: () => number;
  readonly onStop?: () => Promise<void>;
}

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8');

/** The certificate of the healed TLS Bucket; a client trusts it as its CA. Made for tests: it protects nothing. */
export const testCertificate = fixture('tls.cert.pem');

/** Starts a TCP server on a free loopback port that treats connections with `fault` until it is healed. */
export async function startSwitchable(options: SwitchOptions): Promise<FaultServer> {
  const sockets = new SocketLog();
  const bucket = new WellBucket();
  const secure = options.tls ? { key: fixture('tls.key.pem'), cert: testCertificate } : undefined;
  let well = false;

  const serveWell = (socket: Socket) => {
    if (!secure) return bucket.accept(socket);
    const tlsSocket = new TLSSocket(socket, { isServer: true, ...secure });
    tlsSocket.on('error', () => socket.destroy());
    bucket.accept(tlsSocket);
  };
  const server = createServer((socket) => {
    sockets.watch(socket);
    if (well) serveWell(socket);
    else options.fault(socket);
  });
  const port = await listen(server);

  return {
    url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`,
    sockets,
    arrivals: bucket.arrivals,
    ownPorts: new Set(),
    stray: options.stray ?? (() => 0),
    async heal() {
      well = true;
      if (!options.keepsOldSockets) sockets.resetAll();
    },
    async fail() {
      well = false;
      sockets.resetAll();
    },
    async stop() {
      await stopListening(server, sockets);
      await options.onStop?.();
    },
  };
}

/** Listens on a loopback port (any free one by default) and returns it. */
export function listen(server: Server, port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('no TCP address'));
      resolve(address.port);
    });
  });
}

/** Closes the port and resets what is open on it. Resolves when the port is free. */
export function stopListening(server: Server, sockets: SocketLog): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    sockets.resetAll();
  });
}
