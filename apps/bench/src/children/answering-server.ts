// A Bucket without a store: plain node:http, reads the body and answers success.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { provide, type Service } from '../processes/child.ts';

export type AnsweringServer = Service<null, { readonly url: string }>;

const ANSWER = '{"success":true,"message":"Event received"}';

await provide<AnsweringServer>(async () => {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': ANSWER.length });
      response.end(ANSWER);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  return { ready: { url: `http://127.0.0.1:${port}` }, stop: async () => undefined };
});
