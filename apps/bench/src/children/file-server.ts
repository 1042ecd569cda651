// The barest server of one file: node:http, createReadStream().pipe(response).
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Body, piecesOf } from '../load/body.ts';
import { provide, type Service } from '../processes/child.ts';

export type FileServer = Service<{ readonly folder: string; readonly body: Body }, { readonly url: string }>;

await provide<FileServer>(async ({ folder, body }) => {
  const path = join(folder, 'body');
  await writeFile(path, piecesOf(body));
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Length': body.bytes });
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  return { ready: { url: `http://127.0.0.1:${port}` }, stop: async () => undefined };
});
