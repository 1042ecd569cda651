import { checkErrorBody } from '@bhiv/contracts/validators';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { storedFiles, upload } from '../helpers/artifacts.ts';
import { RawConnection, sendJson } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

let app: RunningApp;

beforeAll(async () => {
  app = await startApp();
  await upload(app.port, 'x');
});
afterAll(() => app.stop());

describe('what Bucket refuses to be (CONTRACT B4)', () => {
  test.each([
    ['DELETE', '/v1/b/a?version=v1', 'GET, HEAD, PUT'],
    ['POST', '/v1/b/a', 'GET, HEAD, PUT'],
    ['PATCH', '/v1/b/a?version=v1', 'GET, HEAD, PUT'],
    ['OPTIONS', '/v1/b/a', 'GET, HEAD, PUT'],
    ['COPY', '/v1/b/a?version=v1', 'GET, HEAD, PUT'],
    ['MOVE', '/v1/b/a?version=v1', 'GET, HEAD, PUT'],
    ['PROPFIND', '/v1/b/a', 'GET, HEAD, PUT'],
    ['PUT', '/v1/b/a/versions', 'GET, HEAD'],
    ['DELETE', '/v1/b/a/versions', 'GET, HEAD'],
    ['POST', '/v1/b/a/versions', 'GET, HEAD'],
  ])('%s %s: 405', async (method, path, allow) => {
    const { status, headers, body } = await sendJson(app.port, path, { method });
    expect([status, body.error.code, headers.allow]).toEqual([405, 'method_not_allowed', allow]);
    expect(checkErrorBody(body)).toEqual([]);
  });

  test.each([
    '/v1',
    '/v1/',
    '/v1/b',
    '/v1/b/',
    '/v1/b/a/',
    '/v1//a',
    '/v1/b//versions',
    '//v1/b/a',
    '/V1/b/a',
    '/v1/b/a/versions/',
    '/v1/b/a/versions/v1',
    '/v1/b/a/latest',
    '/v1/b/a/v1',
    '/v1/b/a/Versions',
    '/v1/b/../b/a',
    '/v2/b/a',
    '/v1/b/a/tags/list',
    '/search?q=a',
    '/v1/b/a?version=v1&latest=true',
    '/v1/b/a?latest=true',
    '/v1/b/a?latest',
    '/v1/b/a?uploaded_by=me',
    '/v1/b/a?version=v1&%76ersions=x',
    '/v1/b/a?version=v1&Version=v1',
    '/v1/b/a?version=v1&format=zip',
    '/v1/b/a/versions?limit=1',
    '/v1/b/a/versions?prefix=v',
    '/v1/b/a/versions?sort=created_at',
  ])('GET %s: 404', async (path) => {
    const { status, body } = await sendJson(app.port, path);
    expect([path, status, body.error.code]).toEqual([path, 404, 'not_found']);
    expect(checkErrorBody(body)).toEqual([]);
  });

  test('a parameter that Bucket does not have is named', async () => {
    const { body } = await sendJson(app.port, '/v1/b/a?version=v1&latest=true');
    expect(body.error.message).toBe(
      'There is no parameter "latest" here: use version, digest, metadata_only. Bucket has no search, no filter and no latest.',
    );
    expect(body.error.details).toEqual({ field: 'query', value: '"latest"' });
    const { body: upload } = await sendJson(app.port, '/v1/b/a?overwrite=true', { method: 'PUT' });
    expect(upload.error.message).toContain('There is no parameter "overwrite" here: leave it out.');
  });

  test('an empty query, and empty pairs in one, ask for nothing', async () => {
    expect((await sendJson(app.port, '/v1/b/a/versions?')).status).toBe(200);
    expect((await sendJson(app.port, '/v1/b/a?&version=v1&&metadata_only=true&')).status).toBe(200);
  });

  test('a version called latest is a version like any other', async () => {
    expect((await sendJson(app.port, '/v1/b/a?version=latest')).body.error.code).toBe('artifact_not_found');
    await upload(app.port, 'y', { 'X-Artifact-Version': 'latest' });
    await upload(app.port, 'z', { 'X-Artifact-Version': 'v9' });
    const { body } = await sendJson(app.port, '/v1/b/a?version=latest&metadata_only=true');
    expect([body.version, body.size_bytes]).toEqual(['latest', 1]);
  });

  test('the path of an absolute request target counts, as it stands there', async () => {
    const get = async (target: string) => {
      const connection = new RawConnection(app.port);
      connection.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      return (await connection.closed()).slice(9, 12);
    };
    expect(await get('http://localhost/v1/b/a?version=v1')).toBe('200');
    expect(await get('http://localhost/v1/b\\a?version=v1')).toBe('404');
    expect(await get('http://localhost/v1/b\\x/a?version=v1')).toBe('404');
    expect(await get('/v1/b/a#x?version=v1')).toBe('400');
  });

  test('nothing of all this has changed what is stored', async () => {
    const files = (await storedFiles(app.folder)).filter((file) => file.startsWith('refs/'));
    expect(files).toEqual(['refs/b/a/latest.json', 'refs/b/a/v1.json', 'refs/b/a/v9.json']);
  });
});
