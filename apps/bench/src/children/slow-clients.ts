// So many clients that send one byte a second of an upload, or take one byte a second of a download, until stopped.
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { artifactHeaders } from '../load/blob-server.ts';
import { requestOf } from '../load/connection.ts';
import { provide, type Service } from '../processes/child.ts';

export type SlowClients = Service<
  {
    readonly url: string;
    readonly uploads: number;
    readonly downloads: number;
    /** What they download. */
    readonly path: string;
  },
  null,
  /** How many of them were still connected at the end: not refused, not cut off. */
  { readonly connected: number }
>;

/** Until all of them are connected and have sent their requests. */
const SETTLE_MS = 2500;

await provide<SlowClients>(async ({ url, uploads, downloads, path }) => {
  const uploading = Array.from({ length: uploads }, () => openSlow(url, uploadHead()));
  const downloading = Array.from({ length: downloads }, () => openSlow(url, requestOf('GET', path)));
  const timer = setInterval(() => {
    for (const socket of uploading) if (socket.writable) socket.write('x');
    for (const socket of downloading) socket.read(1);
  }, 1000);
  await sleep(SETTLE_MS);
  return {
    ready: null,
    async stop() {
      clearInterval(timer);
      const waiting = uploading.filter((socket) => socket.writable && socket.bytesRead === 0); // no answer yet
      const served = downloading.filter((socket) => socket.writable && socket.bytesRead > 0);
      for (const socket of [...uploading, ...downloading]) socket.destroy();
      return { connected: waiting.length + served.length };
    },
  };
});

/** Only who asks it for bytes gets some: when the buffers in between are full, the server has to wait. */
function openSlow(url: string, head: Buffer): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => socket.destroy()); // counted as no longer connected
  socket.write(head);
  return socket;
}

/** An upload of 1 GiB, which at this pace would take 34 years. */
function uploadHead(): Buffer {
  const sha256 = randomBytes(32).toString('hex');
  const bytes = 1024 ** 3;
  const headers = { ...artifactHeaders({ sha256, seed: 0, bytes }, sha256), 'Content-Length': bytes };
  return requestOf('PUT', '/v1/bench/slow', headers);
}
