import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, test } from '@jest/globals';
import type { TlsOptions } from '../src/index.ts';
import { cleanUp, client } from './support.ts';

// a self-signed certificate for localhost and 127.0.0.1, made for these tests; it is its own CA
const cert = readFileSync(new URL('./fixtures/server.cert.pem', import.meta.url));
const key = readFileSync(new URL('./fixtures/server.key.pem', import.meta.url));

async function secureBucket(): Promise<{ url: string; clients: string[] }> {
  const clients: string[] = [];
  const server = createServer(
    { cert, key, ca: cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const peer = (request.socket as TLSSocket).getPeerCertificate(); // an https server's sockets are TLS sockets
      clients.push(String(peer.subject?.CN ?? 'none'));
      request.resume();
      response.end('{"success": true}');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp(() => server.close());
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, clients };
}

async function write(url: string, thread: 'worker' | 'main', tls?: TlsOptions) {
  const it = client({ url, thread, ...(tls && { tls }) });
  it.writeEvent({ event_type: 'x' });
  await it.close();
  return it.stats();
}

test.each(['worker', 'main'] as const)(
  'https with a CA of one’s own, and a client certificate (%s)',
  async (thread) => {
    const { url, clients } = await secureBucket();
    expect((await write(url, thread, { ca: cert })).delivered).toBe(1);
    expect((await write(url, thread, { ca: [String(cert)], cert: String(cert), key })).delivered).toBe(1);
    expect(clients).toEqual(['none', 'localhost']);
  },
);

test('a certificate that nobody vouches for is a network failure', async () => {
  const { url, clients } = await secureBucket();
  expect((await write(url, 'main')).failed).toMatchObject({ network: 1, total: 1 });
  expect((await write(url, 'main', { ca: 'no certificate' })).failed).toMatchObject({ network: 1, total: 1 });
  expect(clients).toEqual([]);
});
