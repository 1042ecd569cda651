import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BucketClient } from '@bhiv/bucket-client';
import type { Express } from 'express';
import { readConfig } from '../../src/config.ts';
import { createCore } from '../../src/core.ts';
import { createHttpServer } from '../../src/http/http-server.ts';

export type Answer = {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  text: string;
  json: unknown;
};

type Headers = Record<string, string>;

/** An application that listens on a free port of this process. */
export async function served(app: Express) {
  const server = createHttpServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    port,
    get: (path: string, headers: Headers = {}) => call(port, 'GET', path, headers),
    send: (method: string, path: string, body: string | Buffer, headers: Headers = {}) =>
      call(port, method, path, headers, body),
    task: (task: object) => call(port, 'POST', '/handle_task', {}, JSON.stringify(task)),
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A Core as main.ts makes it, but for what `env` says; by default without a Bucket and with the seed "test". */
export async function runningCore(env: Headers = {}) {
  const defaults = { CORE_SEED: 'test', BUCKET_URL: 'http://127.0.0.1:1' };
  const { config } = readConfig({ ...defaults, ...env });
  const client = new BucketClient({ url: config.bucketUrl, enabled: config.bucketEnabled });
  const core = await served(await createCore(config, client, { error: (fields) => console.error(fields) }));
  return {
    ...core,
    client,
    async close() {
      await core.close();
      await client.close();
    },
  };
}

// node:http and not fetch: fetch does not let a test set Host or Origin.
async function call(
  port: number,
  method: string,
  path: string,
  headers: Headers,
  body?: string | Buffer,
): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  sent.end(body);
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (response === undefined) throw new Error('no response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, headers: response.headers, text, json: JSON.parse(text) };
}
