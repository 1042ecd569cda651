import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const dist = (path: string) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));

test('files are published to a real Bucket and fetched from it', async () => {
  const bench = spawn(process.execPath, [dist('main.js'), 'publish-memory', '--quick']);
  let output = '';
  bench.stdout.on('data', (text) => {
    output += text;
  });
  const [code] = await once(bench, 'close');
  expect(output).toMatch(/\| publish of 510 MiB: resident memory \| \d+ MB .*\| ≤ 300 MB \|/);
  expect(output).toMatch(/\| fetch of 510 MiB: resident memory \| \d+ MB .*\| ≤ 300 MB \|/);
  expect(code).toBe(0);
}, 120_000);

/** Answers each connection, when it has said all, with twice what it said. */
async function doublingServer(): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.on('end', () => socket.end(Buffer.concat([...pieces, ...pieces])));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test('the proxy hands on every byte, and counts it', async () => {
  const server = await doublingServer();
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  const input = JSON.stringify({ host: '127.0.0.1', port });
  const proxy = spawn(process.execPath, [dist('children/counting-proxy.js'), input], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const [{ value }] = await once(proxy, 'message');
    const client = connect({
      port: Number(new URL(value.url).port),
      host: '127.0.0.1',
      allowHalfOpen: true,
      timeout: 20_000,
    });
    client.on('timeout', () => client.destroy());
    client.end(Buffer.alloc(3_000_000, 'x'));
    let received = 0;
    for await (const piece of client) received += piece.length;
    expect(received).toBe(6_000_000);
    proxy.send({ type: 'stop' });
    const [result] = await once(proxy, 'message');
    expect(result).toEqual({ type: 'result', value: { up: 3_000_000, down: 6_000_000 } });
  } finally {
    proxy.kill('SIGKILL');
    server.close();
  }
});
