// Accepts every connection, reads what comes and never says a word.
import { type AddressInfo, createServer } from 'node:net';
import { provide, type Service } from '../processes/child.ts';

export type SilentServer = Service<null, { readonly url: string }>;

await provide<SilentServer>(async () => {
  const server = createServer((socket) => socket.resume().on('error', () => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  return { ready: { url: `http://127.0.0.1:${port}` }, stop: async () => undefined };
});
