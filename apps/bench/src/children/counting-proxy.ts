// Stands between a client and a server, hands on what each of them sends, byte for byte, and counts it.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { provide, type Service } from '../processes/child.ts';

/** Bytes on the wire, HTTP and all: from the client to the server, and from the server to the client. */
export interface WireBytes {
  readonly up: number;
  readonly down: number;
}

export type CountingProxy = Service<
  { readonly host: string; readonly port: number },
  { readonly url: string },
  WireBytes
>;

await provide<CountingProxy>(async (server) => {
  const bytes = { up: 0, down: 0 };
  const join = (from: Socket, to: Socket, count: (bytes: number) => void) => {
    from.on('data', (piece: Buffer) => count(piece.length));
    from.pipe(to); // its end is handed on too
    from.on('error', () => to.destroy());
    from.on('close', () => from.readableEnded || to.destroy());
  };
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    const bucket = connect({ ...server, allowHalfOpen: true });
    join(client, bucket, (count) => {
      bytes.up += count;
    });
    join(bucket, client, (count) => {
      bytes.down += count;
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo; // it listens on a TCP port
  return { ready: { url: `http://127.0.0.1:${port}` }, stop: async () => bytes };
});
