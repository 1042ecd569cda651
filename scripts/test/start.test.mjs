import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('../run.mjs', import.meta.url));

test('start runs both, says where to look, and stops both at Ctrl-C', async (t) => {
  const { child, output, says, bucketUrl, coreUrl } = serving(t);
  await says('Ctrl-C stops both');
  const task = JSON.stringify({ input: 'Bucket keeps events. Core sends events.', agent: 'outline' });
  assert.equal((await fetch(`${coreUrl}/handle_task`, { method: 'POST', body: task })).status, 200);
  child.kill('SIGINT');
  child.kill('SIGINT');
  await once(child, 'close');
  assert.equal(child.exitCode, 0, output());
  assert.match(output(), /core +\|.*Core listens.*"delivered":2,.*Both stopped/s);
  for (const url of [bucketUrl, coreUrl]) await assert.rejects(fetch(`${url}/health`));
});

test('start ends with 1, and stops the other, when one of them ends', async (t) => {
  const { child, output, says, bucketUrl } = serving(t, { CORE_AGENTS_FILE: '/no/such/file' });
  await says('stopping');
  await once(child, 'close');
  assert.equal(child.exitCode, 1);
  assert.match(output(), /agents file \/no\/such\/file cannot be read/);
  assert.match(output(), /core ended with exit status 1; stopping/);
  await assert.rejects(fetch(`${bucketUrl}/health`));
});

test('start names a port that is in use', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { child, output } = serving(t, { CORE_PORT: String(other.address().port) });
  await once(child, 'close');
  assert.equal(child.exitCode, 1);
  assert.match(output(), /set CORE_PORT to a free port/);
});

/** The servers on ports of their own, below those that the system hands out, so that nobody else is given them. */
function serving(t, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'start-'));
  const [bucketPort, corePort] = [randomInt(10_000, 15_000), randomInt(15_000, 20_000)];
  const child = spawn(process.execPath, [RUN, 'serve'], {
    env: {
      ...process.env,
      BUCKET_PORT: String(bucketPort),
      CORE_PORT: String(corePort),
      BUCKET_DATA_DIR: join(folder, 'bucket'),
      CORE_DATA_DIR: join(folder, 'core'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'close');
    }
    rmSync(folder, { recursive: true });
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      child.emit('said');
    });
  }
  return {
    child,
    output: () => output,
    async says(text) {
      const ended = once(child, 'close').then(() =>
        assert.fail(`it ended without saying "${text}":\n${output}`),
      );
      while (!output.includes(text)) await Promise.race([once(child, 'said'), ended]);
      ended.catch(() => {}); // it may end once it has said so
    },
    bucketUrl: `http://127.0.0.1:${bucketPort}`,
    coreUrl: `http://127.0.0.1:${corePort}`,
  };
}
