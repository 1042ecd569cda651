import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf, uploadHeaders } from '../helpers/artifacts.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const hasCurl = spawnSync('curl', ['--version']).status === 0;
if (!hasCurl) console.log('skipped: curl as users call it (curl is not installed)');

let app: RunningApp;
let folder: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  app = await startApp();
  ({ folder, remove } = await tempFolder());
});
afterEach(async () => {
  await app.stop();
  await remove();
});

async function curl(...args: string[]): Promise<string> {
  return (await promisify(execFile)('curl', ['--silent', '--show-error', ...args])).stdout;
}

const headersFor = (bytes: Buffer, more = {}) =>
  Object.entries(uploadHeaders(bytes, more)).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);

(hasCurl ? describe : describe.skip)('curl', () => {
  test('stores a file with -T, gets it back whole and in part, and goes on after a break', async () => {
    // More than 1 MiB, so that curl asks with Expect: 100-continue.
    const bytes = randomBytes(5_000_000);
    const source = join(folder, 'source');
    const file = join(folder, 'model.safetensors');
    await writeFile(source, bytes);
    const url = `http://127.0.0.1:${app.port}/v1/models/model.safetensors`;
    const answer = JSON.parse(await curl('-T', source, ...headersFor(bytes), url));
    expect(answer).toMatchObject({ bucket_id: 'models', digest: digestOf(bytes), size_bytes: bytes.length });

    await curl(
      '--fail',
      '--remote-name',
      '--remote-header-name',
      '--output-dir',
      folder,
      `${url}?version=v1`,
    );
    expect((await readFile(file)).equals(bytes)).toBe(true);

    const part = join(folder, 'part');
    await curl('--fail', '--range', '1000-1999', '--output', part, `${url}?version=v1`);
    expect((await readFile(part)).equals(bytes.subarray(1000, 2000))).toBe(true);
    await writeFile(part, bytes.subarray(0, 1_234_567));
    await curl('--fail', '--continue-at', '-', '--output', part, `${url}?version=v1`);
    expect((await readFile(part)).equals(bytes)).toBe(true);

    const { versions } = JSON.parse(await curl(`${url}/versions`));
    expect(versions).toEqual([expect.objectContaining({ version: 'v1', digest: digestOf(bytes) })]);
    expect(await curl('--head', `${url}?version=v1`)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*ETag: "sha256:/s);
  });

  test('is told of a 409 without sending the file', async () => {
    const bytes = randomBytes(5_000_000);
    const file = join(folder, 'file');
    await writeFile(file, bytes);
    const url = `http://127.0.0.1:${app.port}/v1/b/a`;
    await curl('-T', file, ...headersFor(bytes), url);
    const written = ['--output', '/dev/null', '--write-out', '%{http_code} %{size_upload}'];
    expect(await curl('-T', file, ...headersFor(bytes), ...written, url)).toBe('409 0');
  });

  test('a stream from a pipe, which is chunked', async () => {
    const bytes = randomBytes(300_000);
    const file = join(folder, 'file');
    await writeFile(file, bytes);
    const url = `http://127.0.0.1:${app.port}/v1/b/a`;
    const headers = headersFor(bytes).map((text) => `'${text}'`);
    const script = `cat '${file}' | curl --silent --show-error -T - ${headers.join(' ')} '${url}'`;
    const { stdout } = await promisify(execFile)('sh', ['-c', script]);
    expect(JSON.parse(stdout)).toMatchObject({ digest: digestOf(bytes), size_bytes: 300_000 });
  });
});
