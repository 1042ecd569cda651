import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterEach } from '@jest/globals';
import { BucketClient, type BucketClientOptions, type ClientStats } from '../src/index.ts';
import { startTestBucket, type TestBucket } from '../src/testing/index.ts';

/** The built worker: Node cannot run a worker from TypeScript, and this is the file that users get. */
const WORKER = new URL('../dist/sender/worker.js', import.meta.url);

const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function cleanUp(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

export async function bucket(): Promise<TestBucket> {
  const started = await startTestBucket();
  cleanUp(() => started.close());
  return started;
}

export function client(options: BucketClientOptions): BucketClient {
  const made = new BucketClient({ workerUrl: WORKER, ...options });
  cleanUp(() => made.close(50));
  return made;
}

/** A TCP server that does with each connection what it is told. Gives its http URL. */
export async function tcpServer(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()); // the other side gave up: that is what these tests are about
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

/** An HTTP/1.1 answer as text. */
export function httpAnswer(status: number, body: string, headers = ''): string {
  return `HTTP/1.1 ${status} X\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}

/** The two sums of the accounting, each as [left, right]. */
export function sums(stats: ClientStats): { calls: [number, number]; accepted: [number, number] } {
  const { delivered, failed, expired, queued, inFlight } = stats;
  return {
    calls: [stats.calls, stats.accepted + stats.refused.total],
    accepted: [stats.accepted, delivered + failed.total + expired + queued + inFlight],
  };
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export async function until(condition: () => boolean, deadlineMs = 10_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not so after ${deadlineMs} ms: ${condition}`);
    await sleep(5);
  }
}
