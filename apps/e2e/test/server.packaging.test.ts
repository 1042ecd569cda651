import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mustRun } from '../src/packaging/run.ts';
import { installInto, packAll } from '../src/packaging/tarballs.ts';
import { RawClient } from '../src/processes/raw-client.ts';

let folder: string;
let project: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bhiv-packaging-'));
  project = join(folder, 'project');
  const tarballs = await packAll(folder);
  // Compiles better-sqlite3, which takes a minute.
  await installInto(project, Object.values(tarballs));
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test('`npx bucket-server` starts a Bucket that takes events, `npx bhiv` publishes to it, and it stops cleanly', async () => {
  const env = {
    ...process.env,
    BUCKET_HOST: '127.0.0.1',
    BUCKET_PORT: '0',
    BUCKET_DATA_DIR: join(folder, 'data'),
  };
  const npx = spawn('npx', ['bucket-server'], {
    cwd: project,
    env,
    detached: true, // a group of its own: npx puts a shell between itself and the server
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await urlIn(npx.stdout);
    const client = new RawClient(url);
    const answer = await client.write({ event_type: 'from_outside' });
    expect(answer.status).toBe(200);
    const { text } = await client.get('/core/events');
    expect(JSON.parse(text)).toMatchObject({ count: 1, events: [{ event_type: 'from_outside' }] });
    client.close();
    await publishAndFetch(url);
  } finally {
    if (npx.pid !== undefined) process.kill(-npx.pid, 'SIGTERM');
    await once(npx, 'exit');
  }
}, 60_000);

async function publishAndFetch(url: string): Promise<void> {
  const run = join(folder, 'run-47');
  await mkdir(run);
  await writeFile(join(run, 'model.bin'), 'weights');
  const env = { BHIV_BUCKET_URL: url, BHIV_REGISTRY: join(folder, 'registry.db') };
  const bhiv = (...args: string[]) => mustRun('npx', ['bhiv', ...args], { cwd: project, env });
  await bhiv('publish', run, 'llama@v1', '--bucket', 'models', '--alias', 'production');
  await bhiv('fetch', 'llama:production', join(folder, 'serve'));
  expect(await readFile(join(folder, 'serve', 'model.bin'), 'utf8')).toBe('weights');
}

async function urlIn(log: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: log })) {
    if (!line.startsWith('{')) continue;
    const { url } = JSON.parse(line);
    if (typeof url === 'string') return url;
  }
  throw new Error('bucket-server ended without saying where it listens');
}
