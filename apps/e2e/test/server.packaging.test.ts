import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { installInto, packAll } from '../src/packaging/tarballs.ts';
import { RawClient } from '../src/processes/raw-client.ts';

let folder: string;
let project: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bhiv-packaging-'));
  project = join(folder, 'project');
  const { server, contracts } = await packAll(folder);
  // Compiles better-sqlite3, which takes a minute.
  await installInto(project, [server, contracts]);
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test('`npx bucket-server` starts a Bucket that takes events and stops cleanly', async () => {
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
    const client = new RawClient(await urlIn(npx.stdout));
    const answer = await client.write({ event_type: 'from_outside' });
    expect(answer.status).toBe(200);
    const { text } = await client.get('/core/events');
    expect(JSON.parse(text)).toMatchObject({ count: 1, events: [{ event_type: 'from_outside' }] });
    client.close();
  } finally {
    if (npx.pid !== undefined) process.kill(-npx.pid, 'SIGTERM');
    await once(npx, 'exit');
  }
}, 60_000);

async function urlIn(log: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: log })) {
    if (!line.startsWith('{')) continue;
    const { url } = JSON.parse(line);
    if (typeof url === 'string') return url;
  }
  throw new Error('bucket-server ended without saying where it listens');
}
