import { execFile, spawnSync } from 'node:child_process';
import { createReadStream, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { bucket, cleanUp, client, sleep, tcpServer, until } from '../support.ts';
import {
  bytesOf,
  digestOf,
  failureOf,
  folder,
  httpServer,
  json,
  lengthOf,
  metadataFor,
  openFiles,
  REF,
  UPLOAD,
} from './support.ts';

const BYTES = bytesOf(2_000_000);
const reason = new Error('no longer wanted');

describe('the caller’s signal', () => {
  test('that is aborted before the call ends it at once', async () => {
    const server = await bucket();
    const it = client({ url: server.url });
    const options = { signal: AbortSignal.abort(reason) };
    const target = folder();
    for (const call of [
      () => it.uploadArtifact(UPLOAD, BYTES, options),
      () => it.downloadArtifact(REF, join(target, 'x'), options),
      () => it.readArtifact(REF, options),
      () => it.headArtifact(REF, options),
      () => it.listVersions('a', 'b', options),
    ]) {
      expect(await failureOf(call())).toMatchObject({ code: 'aborted', cause: reason });
    }
    expect(server.requests).toBe(0);
    expect(readdirSync(target)).toEqual([]);
  });

  test('ends it while a stream gives nothing, while it is spooled, and while headers are waited for', async () => {
    const { url } = await bucket();
    const never = () => new ReadableStream<Uint8Array>() as never;
    const known = { ...UPLOAD, digest: digestOf(''), size: 100_000 };
    const it = client({ url });
    const waits = client({ url, headers: () => new Promise(() => undefined) });
    for (const call of [
      (signal: AbortSignal) => it.uploadArtifact(known, never(), { signal }),
      (signal: AbortSignal) => it.uploadArtifact(UPLOAD, never(), { signal, spool: true }),
      (signal: AbortSignal) =>
        it.uploadArtifact(
          UPLOAD,
          (async function* () {
            await new Promise(() => undefined);
            yield BYTES;
          })(),
          { signal, spool: true },
        ),
      (signal: AbortSignal) => waits.headArtifact(REF, { signal }),
    ]) {
      const controller = new AbortController();
      const failure = failureOf(call(controller.signal));
      await sleep(50);
      controller.abort(reason);
      expect(await failure).toMatchObject({ code: 'aborted', cause: reason });
    }
  });

  test('ends it at any moment, and leaves no file, no temporary file and no socket', async () => {
    const { url } = await bucket();
    const it = client({ url });
    const target = folder();
    const path = join(target, 'model.bin');
    writeFileSync(path, BYTES);
    const start = Date.now();
    await it.uploadArtifact(UPLOAD, path);
    const longest = 2 * (Date.now() - start);
    const calls: Array<(signal: AbortSignal, n: number) => Promise<unknown>> = [
      (signal, n) => it.uploadArtifact({ ...UPLOAD, version: `a${n}` }, path, { signal }),
      (signal, n) =>
        it.uploadArtifact({ ...UPLOAD, version: `b${n}` }, createReadStream(path), { signal, spool: target }),
      (signal, n) =>
        it.uploadArtifact(
          { ...UPLOAD, version: `c${n}`, digest: digestOf(BYTES), size: BYTES.length },
          createReadStream(path),
          { signal },
        ),
      (signal, n) => it.uploadArtifact({ ...UPLOAD, version: `d${n}` }, BYTES, { signal }),
      (signal, n) => it.downloadArtifact(REF, join(target, `e${n}`), { signal }),
      (signal) => it.readArtifact(REF, { signal }),
      (signal) => it.listVersions(REF.bucketId, REF.artifactId, { signal }),
    ];
    let aborted = 0;
    for (let n = 0; n < 140; n++) {
      const controller = new AbortController();
      const call = calls[n % calls.length]?.(controller.signal, n);
      const timer = setTimeout(() => controller.abort(reason), Math.random() * longest);
      try {
        await call;
      } catch (error) {
        expect(error).toMatchObject({ name: 'ArtifactError', code: 'aborted' });
        aborted += 1;
      }
      clearTimeout(timer);
    }
    expect(aborted).toBeGreaterThan(5);
    expect(readdirSync(target).filter((name) => name.includes('bhiv'))).toEqual([]);
    for (const name of readdirSync(target)) expect(BYTES.equals(readFileSync(join(target, name)))).toBe(true);
    await until(() => openFiles().filter((file) => file.includes(target)).length === 0);
    expect(await it.close()).toBe(true);
    await until(() => !process.getActiveResourcesInfo().includes('TCPSocketWrap'));
  });
});

describe('close', () => {
  test('waits for transfers, refuses new ones, and ends those that take too long', async () => {
    const { url } = await httpServer(async (request, response) => {
      const size = await lengthOf(request);
      if (request.headers['x-artifact-version'] === 'silent') return;
      setTimeout(() => json(response, 201, metadataFor(request, size)), 300);
    });
    const it = client({ url });
    const quick = it.uploadArtifact(UPLOAD, BYTES.subarray(0, 9));
    const silent = failureOf(it.uploadArtifact({ ...UPLOAD, version: 'silent' }, BYTES.subarray(0, 9)));
    await sleep(50);
    const start = Date.now();
    const closing = it.close(1000);
    expect(await failureOf(it.headArtifact(REF))).toMatchObject({ code: 'closed' });
    expect(await quick).toMatchObject({ alreadyStored: false });
    expect(await closing).toBe(false);
    expect(Date.now() - start).toBeGreaterThan(800);
    expect(await silent).toMatchObject({
      code: 'closed',
      message: expect.stringContaining('await its transfers before close()'),
    });
    expect(await it.close()).toBe(false);
  });

  test('is true where all came to an end, well or not', async () => {
    const { url } = await bucket();
    const it = client({ url });
    const uploading = it.uploadArtifact(UPLOAD, BYTES);
    const missing = it.headArtifact({ ...REF, version: 'v9' });
    expect(await it.close()).toBe(true);
    expect(await uploading).toMatchObject({ alreadyStored: false });
    expect(await missing).toBeNull();
  });

  test('ends a call whose code is not even loaded yet', async () => {
    const { url } = await bucket();
    const it = client({ url });
    const failure = failureOf(it.uploadArtifact(UPLOAD, Readable.from([BYTES]), { spool: true }));
    await it.close(1);
    expect(await failure).toMatchObject({ code: 'closed' });
  });
});

test('a disabled client, or one with a bad option, says so', async () => {
  expect(await failureOf(client({ enabled: false }).headArtifact(REF))).toMatchObject({
    code: 'disabled',
    message: 'the client is disabled: enabled is false.',
  });
  expect(await failureOf(client({ url: 'ftp://x' }).uploadArtifact(UPLOAD, BYTES))).toMatchObject({
    code: 'disabled',
    message: expect.stringContaining('url is "ftp://x"'),
  });
});

describe('the client’s options', () => {
  test('url with a path and headers of a record', async () => {
    const seen: unknown[] = [];
    const { url } = await httpServer(async (request, response) => {
      const {
        authorization,
        host,
        'transfer-encoding': encoding,
        'content-length': length,
      } = request.headers;
      seen.push([request.method, request.url, authorization, encoding, length]);
      expect(host).toBeDefined();
      request.url = request.url?.replace('/memory', '') ?? '';
      json(response, 201, metadataFor(request, await lengthOf(request)));
    });
    const headers = {
      authorization: 'Bearer one',
      'Content-Length': '7',
      'Transfer-Encoding': 'chunked',
      EXPECT: 'x',
    };
    const it = client({ url: `${url}/memory/`, headers });
    await it.uploadArtifact(UPLOAD, BYTES.subarray(0, 100));
    expect(seen).toEqual([['PUT', '/memory/v1/prod-models/llama', 'Bearer one', undefined, '100']]);
  });

  test('headers of a function: asked anew after a second, and a failure is told', async () => {
    const seen: Array<string | undefined> = [];
    const { url } = await httpServer((request, response) => {
      seen.push(request.headers.authorization);
      json(response, 404, { error: { code: 'artifact_not_found', message: 'no', details: {} } });
    });
    let asked = 0;
    const it = client({ url, headers: async () => ({ Authorization: `Bearer ${++asked}` }) });
    await Promise.all([it.headArtifact(REF), it.headArtifact(REF)]);
    await sleep(1100);
    await it.headArtifact(REF);
    expect(seen).toEqual(['Bearer 1', 'Bearer 1', 'Bearer 2']);

    let fails = true;
    const source = () => {
      if (fails) throw new Error('no token');
      return { Authorization: 'Bearer ok' };
    };
    const other = client({ url, headers: source });
    const error = await failureOf(other.headArtifact(REF));
    expect(error).toMatchObject({
      code: 'headers',
      message: expect.stringContaining('no token. Nothing was sent'),
    });
    fails = false;
    expect(await other.headArtifact(REF)).toBeNull();
    const odd = client({ url, headers: () => ({ Authorization: 'line\nbreak' }) });
    expect(await failureOf(odd.headArtifact(REF))).toMatchObject({ code: 'headers' });
  });

  test('tls: a CA of one’s own, and none', async () => {
    const cert = readFileSync(new URL('../fixtures/server.cert.pem', import.meta.url));
    const key = readFileSync(new URL('../fixtures/server.key.pem', import.meta.url));
    const server = createServer({ cert, key }, async (request, response) => {
      json(response, 201, metadataFor(request, await lengthOf(request)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp(() => server.close());
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server that listens has one
    const upload = { ...UPLOAD, uploadedBy: '漢字' };
    expect(await client({ url, tls: { ca: cert } }).uploadArtifact(upload, BYTES)).toMatchObject({
      metadata: { uploaded_by: '漢字', size_bytes: BYTES.length },
    });
    expect(await failureOf(client({ url }).uploadArtifact(UPLOAD, BYTES))).toMatchObject({ code: 'network' });
    const bad = client({ url, tls: { ca: 'x', cert: 'no certificate', key: 'no key' } });
    expect(await failureOf(bad.headArtifact(REF))).toMatchObject({ code: 'network' });
  });
});

test('events and transfers do not disturb each other', async () => {
  const server = await bucket();
  const it = client({ url: server.url, thread: 'main' });
  const path = join(folder(), 'model.bin');
  writeFileSync(path, BYTES);
  const uploads = Array.from({ length: 8 }, (_, n) =>
    it.uploadArtifact({ ...UPLOAD, version: `v${n}` }, path),
  );
  for (let n = 0; n < 200; n++) it.writeEvent({ event_type: 'during', agent_id: 'a' });
  expect((await Promise.all(uploads)).length).toBe(8);
  expect(await it.flush()).toBe(true);
  const { delivered, expired, failed } = it.stats();
  expect([failed.total, delivered + expired]).toEqual([0, 200]); // on a slow day some wait for more than their 2 s
  expect(delivered).toBeGreaterThan(0);
  expect(server.artifacts).toHaveLength(8);
});

const LIMITED = spawnSync('prlimit', ['--version']).status === 0;
if (!LIMITED) console.log('skipped: a disk that is full (there is no prlimit here; Debian: util-linux)');

(LIMITED ? test : test.skip)(
  'where no more can be written, the call fails and nothing is left behind',
  async () => {
    const { url } = await bucket();
    await client({ url }).uploadArtifact(UPLOAD, BYTES);
    const target = folder();
    writeFileSync(join(target, 'old'), 'old');
    const script = `
    import { Readable } from 'node:stream';
    import { BucketClient } from '${new URL('../../dist/index.js', import.meta.url)}';
    const client = new BucketClient({ url: '${url}' });
    const tell = (error) => console.log(error.code, error.cause.code);
    await client.downloadArtifact(${JSON.stringify(REF)}, '${target}/old').catch(tell);
    const upload = { ...${JSON.stringify(UPLOAD)}, version: 'v2' };
    await client.uploadArtifact(upload, Readable.from([Buffer.alloc(2_000_000)]), { spool: '${target}' }).catch(tell);`;
    const limited = ['--fsize=1500000', process.execPath, '--input-type=module', '-e', script];
    const { stdout } = await promisify(execFile)('prlimit', limited);
    expect(stdout).toBe('target_failed EFBIG\nspool_failed EFBIG\n');
    expect(readdirSync(target)).toEqual(['old']);
    expect(readFileSync(join(target, 'old'), 'utf8')).toBe('old');
  },
);

describe('the process', () => {
  const main = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
  const run = (script: string) =>
    promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', `import { BucketClient } from '${main}';\n${script}`],
      {
        timeout: 20_000,
      },
    );

  test('lives as long as an upload does, and idle sockets do not hold it', async () => {
    const { url } = await httpServer(async (request, response) => {
      const size = await lengthOf(request);
      setTimeout(() => json(response, 201, metadataFor(request, size)), 700);
    });
    const { stdout, stderr } = await run(`
      const client = new BucketClient({ url: '${url}' });
      client.uploadArtifact(${JSON.stringify(UPLOAD)}, Buffer.alloc(100_000)).then(({ alreadyStored }) => {
        console.log(alreadyStored);
        const start = Date.now();
        process.on('exit', () => console.log(Date.now() - start < 1500));
      });`);
    expect([stdout, stderr]).toEqual(['false\ntrue\n', '']);
  });

  test('does not end by a stream that fails before anybody reads it', async () => {
    const url = await tcpServer((socket) => socket.resume());
    const { stdout, stderr } = await run(`
      import { createReadStream } from 'node:fs';
      const client = new BucketClient({ url: '${url}' });
      const upload = { ...${JSON.stringify(UPLOAD)}, version: '..' };
      await client.uploadArtifact(upload, createReadStream('/nowhere/at-all')).catch((error) => console.log(error.code));
      await new Promise((resolve) => setTimeout(resolve, 100));
      console.log('alive');`);
    expect([stdout, stderr]).toEqual(['invalid_name\nalive\n', '']);
  });

  test('loads the code of artifacts at the first call, and Ajv never', async () => {
    const hook = `import { writeSync } from 'node:fs';
      export function load(url, context, next) { writeSync(1, url + '\\n'); return next(url, context); }`;
    const script = `
      import { createRequire, register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
      const { BucketClient } = await import('${main}');
      const client = new BucketClient({ url: 'http://127.0.0.1:1' });
      console.log('the first call');
      await client.uploadArtifact(${JSON.stringify(UPLOAD)}, Buffer.alloc(9)).catch((error) => console.log(error.code));
      console.log(Object.keys(createRequire('${main}').cache).filter((path) => path.includes('ajv')).length);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    const [before = '', after = ''] = stdout.split('the first call');
    expect(before).toContain('/client.js');
    expect(before).not.toContain('artifact');
    expect(after).toContain('/artifacts/upload.js');
    expect(after).toMatch(/network\n0\n$/);
  });
});
