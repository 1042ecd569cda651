import { type AddressInfo, createServer } from 'node:net';

/** The URL of a loopback port that was free a moment ago: connections to it are refused. */
export async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
