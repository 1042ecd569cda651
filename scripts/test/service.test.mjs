import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readable } from '../lib/log-line.mjs';
import { answers, Service } from '../lib/service.mjs';

function scriptOf(t, code) {
  const folder = mkdtempSync(join(tmpdir(), 'service-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'service.mjs');
  writeFileSync(file, code);
  return file;
}

test('a service is asked to stop, and says how it ended', async (t) => {
  const ready = `
    import { createServer } from 'node:http';
    const server = createServer((request, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1');
    process.on('SIGTERM', () => { server.close(); server.closeAllConnections(); });`;
  const port = await freePort();
  const service = new Service('probe', scriptOf(t, ready), { ...process.env, PORT: String(port) });
  assert.equal(await answers(`http://127.0.0.1:${port}/`, 20_000, service.ended), true);
  assert.equal(service.running, true);
  assert.equal(await service.stop(), true);
  assert.equal(await service.ended, 'ended with exit status 0');
  assert.equal(await service.stop(), false);
});

test('waiting for an answer ends when the service does', async (t) => {
  const service = new Service('probe', scriptOf(t, 'process.exit(3)'), process.env);
  const started = Date.now();
  assert.equal(await answers(`http://127.0.0.1:${await freePort()}/`, 60_000, service.ended), false);
  assert(Date.now() - started < 30_000);
  assert.equal(await service.ended, 'ended with exit status 3');
});

test('a line of a structured log is made readable, any other is left alone', () => {
  const time = new Date(2026, 0, 29, 10, 30, 5).getTime();
  const line = JSON.stringify({
    level: 30,
    time,
    pid: 1,
    hostname: 'h',
    port: 8001,
    url: 'http://x',
    msg: 'listens',
  });
  assert.equal(readable(line), '10:30:05 INFO  listens port=8001 url=http://x');
  for (const other of ['plain text', '{"a": 1}', '[1]', 'null', '{']) assert.equal(readable(other), other);
});

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
