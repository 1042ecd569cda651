import { access, constants, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { postEvent, sendJson } from '../helpers/http.ts';
import { spawnProgram, startBucketProcess } from '../helpers/spawn-bucket.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

let folder: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ folder, remove } = await tempFolder());
});
afterEach(() => remove());

describe('bucket-server', () => {
  test('can be executed after the build', async () => {
    await access(fileURLToPath(new URL('../../dist/main.js', import.meta.url)), constants.X_OK);
  });

  test('says where it listens and where its data is, and stops cleanly', async () => {
    const data = join(folder, 'data');
    const bucket = await startBucketProcess(data);
    expect(bucket.logLines()).toEqual([
      expect.objectContaining({
        level: 30,
        host: '127.0.0.1',
        port: bucket.port,
        url: `http://127.0.0.1:${bucket.port}`,
        data_dir: data,
      }),
    ]);
    expect((await postEvent(bucket.port, '{"event_type":"x"}')).status).toBe(200);
    expect((await stat(data)).mode & 0o777).toBe(0o700);
    expect((await stat(join(data, 'events.db'))).mode & 0o777).toBe(0o600);
    bucket.child.kill('SIGTERM');
    expect(await bucket.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(
      bucket
        .logLines()
        .map((line) => line.msg)
        .slice(1),
    ).toEqual(['stopping: what is in flight is finished first', 'stopped']);
  });

  test('--help and --version', async () => {
    const help = await spawnProgram({ args: ['--help'] }).ended;
    expect([help.code, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toMatch(/^bucket-server: .*BUCKET_DATA_DIR/s);
    const version = await spawnProgram({ args: ['--version'] }).ended;
    expect([version.code, version.stderr]).toEqual([0, '']);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('an option that it does not know', async () => {
    const { code, stderr } = await spawnProgram({ args: ['--port=1'] }).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^bucket-server cannot start\. Unknown option '--port'.*Usage: bucket-server/s);
  });

  test('bad values: exit status 1 and a message that names them', async () => {
    const { code, stdout, stderr } = await spawnProgram({ env: { BUCKET_PORT: 'x', BUCKET_HOST: '0.0.0.0' } })
      .ended;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^bucket-server cannot start\. BUCKET_PORT is "x" but must be .*BUCKET_HOST is "0\.0\.0\.0", which other machines can reach/s,
    );
  });

  test('a name that it does not know: a warning, and it starts', async () => {
    const bucket = await startBucketProcess(folder, { env: { BUCKET_DATADIR: 'x' } });
    expect(bucket.logLines()[0]).toMatchObject({
      level: 40,
      msg: expect.stringContaining('BUCKET_DATADIR is set but'),
    });
    bucket.child.kill('SIGTERM');
    expect((await bucket.ended).code).toBe(0);
  });

  test('a port that is in use: exit status 1 and a message that says so; the folder is let go', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    const { code, stderr } = await spawnProgram({ env: { BUCKET_PORT: port, BUCKET_DATA_DIR: folder } })
      .ended;
    other.close();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `bucket-server cannot start. Port ${port} on 127.0.0.1 is in use: stop what listens there (another Bucket?), or set BUCKET_PORT to another port.\n`,
    );
  });

  test('an address that this machine does not have', async () => {
    const env = { BUCKET_HOST: '192.0.2.1', BUCKET_BEHIND_GATEWAY: 'true', BUCKET_DATA_DIR: folder };
    const { code, stderr } = await spawnProgram({ env }).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('This machine has no address 192.0.2.1: set BUCKET_HOST to one of its own.');
  });

  test('a data folder that is a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const { code, stderr } = await spawnProgram({ env: { BUCKET_PORT: '0', BUCKET_DATA_DIR: file } }).ended;
    expect(code).toBe(1);
    expect(stderr).toContain(`The data folder ${file} cannot be created`);
  });

  test('two processes on one folder: the second is refused, the first goes on, and a kill lets the folder go', async () => {
    const first = await startBucketProcess(folder);
    const { code, stderr } = await spawnProgram({ env: { BUCKET_PORT: '0', BUCKET_DATA_DIR: folder } }).ended;
    expect(code).toBe(1);
    expect(stderr).toContain(`Another Bucket works in the data folder ${folder}`);
    expect((await postEvent(first.port, '{"event_type":"x"}')).status).toBe(200);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await startBucketProcess(folder);
    expect((await sendJson(second.port, '/core/stats')).body.stats.total_events).toBe(1);
    second.child.kill('SIGTERM');
    expect((await second.ended).code).toBe(0);
  });
});
