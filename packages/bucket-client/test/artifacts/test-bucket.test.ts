import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import axios, { type AxiosResponse } from 'axios';
import { startTestBucket } from '../../src/testing/index.ts';
import { bucket, cleanUp, client, sleep, until } from '../support.ts';
import { bytesOf, digestOf, failureOf, REF, UPLOAD } from './support.ts';

const HEADERS = {
  'X-Artifact-Version': 'v1',
  'X-Artifact-Digest': digestOf('hello'),
  'X-Uploaded-By': 'cluster-5',
  'X-Provenance-Source': 'run-47',
};

const asIs = { validateStatus: null, transformRequest: [] };
const put = (url: string, body: string, headers: object = {}, path = '/v1/b/a') =>
  axios.put(url + path, body, { ...asIs, headers: { ...HEADERS, ...headers } });
const codeOf = ({ status, data }: AxiosResponse) => `${status} ${data.error.code}`;

describe('a test Bucket', () => {
  test('refuses uploads as Bucket does', async () => {
    const { url, artifacts } = await bucket();
    const without = { ...HEADERS, 'X-Uploaded-By': undefined };
    const answers = [
      await put(url, 'hello', {}, '/v1/b%20c/a'),
      await axios.put(`${url}/v1/b/a`, 'hello', { ...asIs, headers: without }),
      await put(url, 'hello', { 'X-Artifact-Digest': 'md5:1' }),
      await put(url, 'other'),
      await put(url, 'hello', {}, '/v1/b/a/versions'),
      await put(url, 'hello', {}, '/v1/b'),
      await axios.delete(`${url}/v1/b/a`, asIs),
      await axios.get(`${url}/v1/b/a/b/c`, asIs),
    ];
    expect(answers.map(codeOf)).toEqual([
      '400 invalid_name',
      '400 missing_header',
      '400 invalid_header',
      '400 digest_mismatch',
      '404 not_found',
      '404 not_found',
      '404 not_found',
      '404 not_found',
    ]);
    expect(artifacts).toEqual([]);
  });

  test('answers an upload that was there before, or came between', async () => {
    const it = await bucket();
    const socket = connect(Number(new URL(it.url).port), '127.0.0.1');
    const head = Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}\r\n`);
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    socket.write(`PUT /v1/b/a HTTP/1.1\r\nHost: x\r\n${head.join('')}Content-Length: 5\r\n\r\nhel`);
    await until(() => it.requests === 1);
    expect((await put(it.url, 'hello')).status).toBe(201);
    socket.write('lo');
    await until(() => answer.includes('version_exists'));
    socket.destroy();
    expect(answer).toContain('409');
    expect(answer).toContain('"identical":true');
    expect(codeOf(await put(it.url, 'hello'))).toBe('409 version_exists');
    expect(it.artifacts).toHaveLength(1);
  });

  test('reads as Bucket does', async () => {
    const { url } = await bucket();
    await put(url, 'hello');
    const get = (query: string, headers = {}) => axios.get(`${url}/v1/b/a?${query}`, { ...asIs, headers });
    expect(codeOf(await get(''))).toBe('400 invalid_parameter');
    expect(codeOf(await get('version=v2'))).toBe('404 artifact_not_found');
    expect(codeOf(await get(`version=v1&digest=${digestOf('x')}`))).toBe('412 digest_precondition_failed');
    expect(
      (await get(`version=v1&digest=${HEADERS['X-Artifact-Digest'].toUpperCase().replace('SHA', 'sha')}`))
        .data,
    ).toBe('hello');
    expect(codeOf(await get('version=v1', { Range: 'bytes=5-' }))).toBe('416 range_not_satisfiable');
    expect((await get('version=v1', { Range: 'bytes=1-2' })).data).toBe('el');
    expect((await get('version=v1', { Range: 'bytes=3-', 'If-Range': '"other"' })).status).toBe(200);
    const { status, headers } = await axios.head(`${url}/v1/b/a?version=v1`, asIs);
    expect([status, headers['content-length'], headers['x-artifact-digest']]).toEqual([
      200,
      '5',
      digestOf('hello'),
    ]);
  });

  test('has a limit, by what is said and by what comes, and asks for no body beyond it', async () => {
    const it = await startTestBucket(0, { maxArtifactBytes: 100_000 });
    cleanUp(() => it.close());
    const sent: number[] = [];
    const onProgress = ({ phase, bytes }: { phase: string; bytes: number }) =>
      phase === 'sending' && sent.push(bytes);
    const bytes = bytesOf(100_001);
    expect(
      await failureOf(client({ url: it.url }).uploadArtifact(UPLOAD, bytes, { onProgress })),
    ).toMatchObject({
      code: 'artifact_too_large',
      expected: 100_000,
    });
    expect(sent).toEqual([]);
    const status = await new Promise((resolve) => {
      const request = httpRequest(`${it.url}/v1/b/a`, { method: 'PUT', headers: HEADERS }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', () => undefined); // it is cut off in the middle of its body
      request.write(Buffer.alloc(90_000)); // so that it is chunked
      request.end(Buffer.alloc(1_000_000));
    });
    expect(status).toBe(413);
    expect(it.artifacts).toEqual([]);
  });

  test('keeps nothing of a client that leaves in the middle, fails as told, and forgets', async () => {
    const it = await bucket();
    const socket = connect(Number(new URL(it.url).port), '127.0.0.1');
    const head = Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`PUT /v1/b/a HTTP/1.1\r\nHost: x\r\n${head.join('')}Content-Length: 5\r\n\r\nhel`);
    await until(() => it.requests === 1);
    socket.destroy();
    await sleep(50);
    expect(it.artifacts).toEqual([]);
    const uploader = client({ url: it.url });
    it.fail({ status: 503 });
    expect(await failureOf(uploader.uploadArtifact(UPLOAD, bytesOf(100_000)))).toMatchObject({
      code: 'http_5xx',
    });
    it.fail('reset');
    expect(await failureOf(uploader.uploadArtifact(UPLOAD, bytesOf(100_000)))).toMatchObject({
      code: 'network',
    });
    it.fail(undefined);
    await uploader.uploadArtifact(UPLOAD, bytesOf(100_000));
    expect(it.artifacts).toHaveLength(1);
    it.clear();
    expect(it.artifacts).toEqual([]);
    expect(await uploader.headArtifact(REF)).toBeNull();
  });
});
