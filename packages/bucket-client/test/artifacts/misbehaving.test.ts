import type { Socket } from 'node:net';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { client, httpAnswer, tcpServer, until } from '../support.ts';
import {
  bytesOf,
  digestOf,
  errorBody,
  failureOf,
  httpServer,
  json,
  lengthOf,
  metadataFor,
  REF,
  UPLOAD,
} from './support.ts';

const BYTES = bytesOf(3_000_000);
const SMALL = BYTES.subarray(0, 1000);
const IDLE = { idleTimeoutMs: 400 };

describe('a server that', () => {
  test('is not there is a network failure', async () => {
    const it = client({ url: 'http://127.0.0.1:1' });
    const upload = await failureOf(it.uploadArtifact(UPLOAD, BYTES));
    expect(upload).toMatchObject({
      code: 'network',
      message: expect.stringMatching(/ECONNREFUSED.*Nothing was stored/),
    });
    expect(await failureOf(it.headArtifact(REF))).toMatchObject({
      code: 'network',
      message: expect.stringContaining('whether the url of the client is right'),
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    });
  });

  test('accepts and stays silent is given up after the idle time, at every call', async () => {
    const url = await tcpServer((socket) => socket.resume());
    const it = client({ url });
    for (const error of await Promise.all(
      [
        it.uploadArtifact(UPLOAD, BYTES, IDLE),
        it.uploadArtifact(UPLOAD, SMALL, IDLE),
        it.headArtifact(REF, IDLE),
        it.listVersions('a', 'b', IDLE),
        it.readArtifact(REF, IDLE),
      ].map(failureOf),
    )) {
      expect(error).toMatchObject({
        code: 'timeout',
        message: expect.stringMatching(/^Bucket gave no answer within \d+ ms: .*raise idleTimeoutMs/),
      });
    }
  });

  test('reads nothing of the body is given up after the idle time', async () => {
    const url = await tcpServer((socket) => socket.pause());
    const error = await failureOf(client({ url }).uploadArtifact(UPLOAD, bytesOf(40_000_000), IDLE));
    expect(error).toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/^Bucket took no bytes within 400 ms/),
    });
  });

  test('is slow, but moves, is waited for', async () => {
    const { url } = await httpServer(async (request, response) => {
      let size = 0;
      for await (const chunk of request) {
        size += chunk.length;
        if (size % 10 === 0) await sleepFor(5);
      }
      await sleepFor(200);
      json(response, 201, metadataFor(request, size));
    });
    const start = Date.now();
    await client({ url }).uploadArtifact(UPLOAD, bytesOf(12_000_000), { idleTimeoutMs: 5000 });
    expect(Date.now() - start).toBeGreaterThan(200);
  });

  test('drips its small answer is given up; one that drips the bytes is waited for', async () => {
    const drip = (socket: Socket, text: string) => {
      let at = 0;
      const timer = setInterval(() => {
        socket.write(text.slice(at, ++at)); // the whole takes longer than the idle time
        if (at === text.length) clearInterval(timer);
      }, 150);
      socket.on('close', () => clearInterval(timer));
    };
    const url = await tcpServer((socket) => {
      socket.on('data', (data) => {
        if (String(data).includes('metadata_only')) drip(socket, httpAnswer(200, '{"a": 1}'.padEnd(500)));
        else {
          socket.write(
            `HTTP/1.1 200 OK\r\nX-Artifact-Digest: ${digestOf('0123456789abcdef')}\r\nContent-Length: 16\r\n\r\n`,
          );
          drip(socket, '0123456789abcdef');
        }
      });
    });
    const it = client({ url });
    const options = { idleTimeoutMs: 2000 };
    expect(await failureOf(it.headArtifact(REF, options))).toMatchObject({ code: 'timeout' });
    expect(String(await it.readArtifact(REF, options))).toBe('0123456789abcdef');
  });

  test.each<[string, (socket: Socket) => void]>([
    ['before an answer', (socket) => socket.resetAndDestroy()],
    ['in the head', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le')],
    ['in the body', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"versions": [')],
    [
      'in a chunk',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"ver\r\n'),
    ],
  ])('breaks off %s is a network failure', async (_name, answer) => {
    const url = await tcpServer((socket) => socket.once('data', () => answer(socket)));
    const it = client({ url });
    const calls = [it.uploadArtifact(UPLOAD, SMALL), it.headArtifact(REF), it.listVersions('a', 'b')];
    for (const { code } of await Promise.all(calls.map(failureOf))) {
      expect(['network', 'bad_response']).toContain(code); // a 200 to an upload is wrong by its head already
    }
    expect(await failureOf(it.headArtifact(REF))).toMatchObject({ code: 'network' });
  });

  test('resets in the middle of the body is a network failure', async () => {
    const url = await tcpServer((socket) => {
      let seen = 0;
      socket.on('data', (data) => {
        seen += data.length;
        if (seen > 100_000) socket.resetAndDestroy();
      });
    });
    const error = await failureOf(client({ url }).uploadArtifact(UPLOAD, bytesOf(20_000_000)));
    expect(error).toMatchObject({ code: 'network', message: expect.stringContaining('Nothing was stored') });
  });

  test('takes all bytes and breaks off leaves it open whether they are stored: a second try tells', async () => {
    let stored = false;
    const { url } = await httpServer(async (request, response) => {
      const size = await lengthOf(request);
      const metadata = {
        ...metadataFor(request, size),
        digest: digestOf(BYTES),
        size_bytes: BYTES.length,
        version: 'v1',
      };
      const actors = { uploaded_by: UPLOAD.uploadedBy, provenance_source: UPLOAD.provenanceSource };
      if (request.method === 'GET')
        return json(response, 200, { ...metadata, artifact_id: 'llama', ...actors });
      if (stored)
        return json(response, 409, errorBody('version_exists', { digest: digestOf(BYTES), identical: true }));
      stored = true;
      request.socket.destroy();
    });
    const it = client({ url });
    expect(await failureOf(it.uploadArtifact(UPLOAD, BYTES))).toMatchObject({
      code: 'network',
      message: expect.stringMatching(/All bytes had been sent, so they may be stored: upload them again/),
    });
    expect(await it.uploadArtifact(UPLOAD, BYTES)).toMatchObject({
      alreadyStored: true,
      metadata: { version: 'v1' },
    });
  });

  test.each([
    ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['has an endless head', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
  ])('%s is no Bucket', async (_name, text) => {
    const url = await tcpServer((socket) => socket.once('data', () => socket.end(text)));
    expect(await failureOf(client({ url }).headArtifact(REF))).toMatchObject({ code: 'bad_response' });
  });

  test('changes the protocol (101) is no Bucket, and is left at once', async () => {
    const closed: boolean[] = [];
    const url = await tcpServer((socket) => {
      socket.once('close', () => closed.push(true));
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nxxx'),
      );
    });
    const it = client({ url });
    const calls = [
      it.headArtifact(REF),
      it.readArtifact(REF),
      it.listVersions('a', 'b'),
      it.uploadArtifact(UPLOAD, SMALL),
      it.uploadArtifact(UPLOAD, BYTES),
    ];
    for (const error of await Promise.all(calls.map(failureOf))) {
      expect(error).toMatchObject({
        code: 'bad_response',
        status: 101,
        message: expect.stringMatching(/is a 101, a change of protocol that nobody asked for.*url/),
      });
    }
    await until(() => closed.length === calls.length);
  });

  test('answers 304, to a question that nobody asked, does not redirect', async () => {
    const { url } = await httpServer(async (request, response) => {
      await lengthOf(request);
      response.writeHead(304).end();
    });
    const it = client({ url });
    for (const call of [it.headArtifact(REF), it.readArtifact(REF), it.uploadArtifact(UPLOAD, SMALL)]) {
      const error = await failureOf(call);
      expect(error).toMatchObject({ code: 'http_3xx', status: 304 });
      expect(error.message).toMatch(/answered 304: this is no answer of a Bucket/);
      expect(error.message).not.toContain('redirect');
    }
  });

  test('redirects is not followed', async () => {
    let elsewhere = 0;
    const other = await httpServer((_request, response) => {
      elsewhere += 1;
      response.end();
    });
    const { url } = await httpServer((request, response) => {
      request.resume();
      response.writeHead(307, { Location: other.url }).end();
    });
    const it = client({ url });
    const calls = [
      it.uploadArtifact(UPLOAD, SMALL),
      it.headArtifact(REF),
      it.listVersions('a', 'b'),
      it.readArtifact(REF),
    ];
    for (const error of await Promise.all(calls.map(failureOf))) {
      expect(error).toMatchObject({
        code: 'http_3xx',
        status: 307,
        message: expect.stringContaining('redirects are not followed'),
      });
    }
    expect(elsewhere).toBe(0);
  });

  test.each<[number, string, string, RegExp]>([
    [
      502,
      '<html>Bad\ngateway</html>',
      'http_5xx',
      /answered 502, and said "<html>Bad gateway<\/html>".*gateway/,
    ],
    [404, '<html></html>', 'http_4xx', /answered 404/],
    [401, '', 'http_4xx', /answered 401: this is no answer of a Bucket/],
    [404, JSON.stringify(errorBody('not_found')), 'not_found', /it is not_found/],
    [400, JSON.stringify(errorBody('from_the_future')), 'http_4xx', /answered 400, and said/],
    [500, JSON.stringify(errorBody('version_exists')), 'http_5xx', /./],
    [
      503,
      JSON.stringify({ error: { code: 'overloaded', details: null } }),
      'overloaded',
      /Bucket answered overloaded/,
    ],
    [507, JSON.stringify(errorBody('disk_full', { free_bytes: 7 })), 'disk_full', /./],
    [503, '{"error": null}', 'http_5xx', /./],
    [500, 'x'.repeat(1_000_000), 'http_5xx', /answered 500: this is no answer/],
    [200, '{}', 'bad_response', /./],
    [226, '{}', 'bad_response', /./],
  ])('answers %d and %.30s', async (status, body, code, message) => {
    const { url } = await httpServer(async (request, response) => {
      await lengthOf(request);
      json(response, status, body);
    });
    const it = client({ url });
    const calls = [it.headArtifact(REF), it.uploadArtifact(UPLOAD, SMALL), it.listVersions('a', 'b')];
    for (const error of await Promise.all(calls.map(failureOf))) {
      expect(error).toMatchObject({ code });
    }
    expect(await failureOf(it.headArtifact(REF))).toMatchObject({
      code,
      status,
      message: expect.stringMatching(message),
    });
  });

  test('breaks off in its error still has a status', async () => {
    const url = await tcpServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 503 X\r\nContent-Length: 99\r\n\r\n{"err')),
    );
    expect(await failureOf(client({ url }).headArtifact(REF))).toMatchObject({
      code: 'http_5xx',
      status: 503,
      message: expect.stringContaining('and then broke off'),
    });
  });

  test('answers endlessly is left', async () => {
    const { url } = await httpServer((request, response) => {
      request.resume();
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536, ' ')));
      };
      response.writeHead(200, { 'Content-Type': 'application/json' }).on('drain', more);
      more();
    });
    const it = client({ url });
    expect(await failureOf(it.headArtifact(REF))).toMatchObject({ code: 'response_too_large', status: 200 });
    expect(await failureOf(it.listVersions('a', 'b'))).toMatchObject({ code: 'response_too_large' });
  });
});

describe('a Bucket that lies', () => {
  const LIES: Array<[string, number, (honest: Record<string, unknown>) => unknown, RegExp]> = [
    [
      'about the digest',
      201,
      (honest) => ({ ...honest, digest: digestOf('x') }),
      /says digest is .* must be/,
    ],
    [
      'about the size',
      201,
      (honest) => ({ ...honest, size_bytes: 1 }),
      /says size_bytes is 1, and it must be 1000/,
    ],
    ['about the version', 201, (honest) => ({ ...honest, version: 'v2' }), /says version is "v2"/],
    ['about the artifact', 201, (honest) => ({ ...honest, artifact_id: 'other' }), /says artifact_id/],
    ['about the bucket', 201, (honest) => ({ ...honest, bucket_id: 'other' }), /says bucket_id/],
    ['about who it was', 201, (honest) => ({ ...honest, uploaded_by: 'other' }), /says uploaded_by/],
    [
      'about where it came from',
      201,
      (honest) => ({ ...honest, provenance_source: 'x' }),
      /says provenance_source/,
    ],
    [
      'about when it was',
      201,
      (honest) => ({ ...honest, created_at: '2026-01-01T00:00:00Z' }),
      /says created_at/,
    ],
    ['by leaving out', 201, ({ uploaded_by, ...honest }) => honest, /is no metadata but/],
    ['by an odd digest', 201, (honest) => ({ ...honest, digest: 'x' }), /is no metadata/],
    ['by text', 201, () => 'stored!', /is no JSON object but "stored!"/],
    ['by a list', 201, () => [], /is no JSON object but "\[\]"/],
    ['by a 200', 200, (honest) => honest, /is a 200, not a 201/],
    [
      'about a conflict',
      409,
      () => errorBody('version_exists', { digest: digestOf('x'), identical: true }),
      /contradicts itself/,
    ],
    [
      'about no conflict',
      409,
      () => errorBody('version_exists', { digest: digestOf(SMALL), identical: false }),
      /contradicts/,
    ],
    [
      'by a conflict without a digest',
      409,
      () => errorBody('version_exists', { identical: true }),
      /contradicts itself/,
    ],
  ];

  test.each(LIES)('%s is found out', async (_name, status, lie, message) => {
    const { url } = await httpServer(async (request, response) => {
      json(response, status, lie(metadataFor(request, await lengthOf(request))));
    });
    const upload = { ...UPLOAD, createdAt: '2026-01-29T10:30:00Z' };
    const error = await failureOf(client({ url }).uploadArtifact(upload, SMALL));
    expect(error).toMatchObject({ code: 'bad_response', status, message: expect.stringMatching(message) });
  });

  test('about what is stored under the version is found out', async () => {
    const { url } = await httpServer(async (request, response) => {
      const size = await lengthOf(request);
      if (request.method === 'PUT')
        json(response, 409, errorBody('version_exists', { digest: digestOf(SMALL), identical: true }));
      else
        json(response, 200, {
          ...metadataFor(request, size),
          version: 'v1',
          digest: digestOf(SMALL),
          size_bytes: 7,
        });
    });
    expect(await failureOf(client({ url }).uploadArtifact(UPLOAD, SMALL))).toMatchObject({
      code: 'bad_response',
    });
  });

  test('by a 201 before it had the bytes is found out', async () => {
    const { url } = await httpServer(
      () => undefined,
      (request, response) => json(response, 201, metadataFor(request, BYTES.length)),
    );
    expect(await failureOf(client({ url }).uploadArtifact(UPLOAD, BYTES))).toMatchObject({
      code: 'bad_response',
      message: expect.stringContaining('before it had all bytes'),
    });
  });
});

describe('Expect: 100-continue', () => {
  const conflict = errorBody('version_exists', { digest: digestOf('x'), identical: false });
  const tooLarge = errorBody('artifact_too_large', { limit_bytes: 5 }, 'over 5 bytes');

  test.each([
    [409, conflict, 'version_exists'],
    [413, tooLarge, 'artifact_too_large'],
    [507, errorBody('disk_full'), 'disk_full'],
  ])('a %d comes before a byte was sent', async (status, body, code) => {
    let bytes = 0;
    const { url } = await httpServer(
      () => undefined,
      (request, response) => {
        request.on('data', (chunk) => {
          bytes += chunk.length;
        });
        json(response, status, body);
      },
    );
    const sent: number[] = [];
    const onProgress = (progress: { phase: string; bytes: number }) =>
      progress.phase === 'sending' && sent.push(progress.bytes);
    expect(await failureOf(client({ url }).uploadArtifact(UPLOAD, BYTES, { onProgress }))).toMatchObject({
      code,
      status,
    });
    expect([bytes, sent]).toEqual([0, []]);
  });

  test('is not sent with small bodies, and ignored by a server costs a second', async () => {
    const expectations: Array<string | undefined> = [];
    const listener = async (
      request: Parameters<typeof lengthOf>[0],
      response: Parameters<typeof json>[0],
    ) => {
      expectations.push(request.headers.expect);
      json(response, 201, metadataFor(request, await lengthOf(request)));
    };
    const { url } = await httpServer(listener, listener);
    const it = client({ url });
    const start = Date.now();
    await it.uploadArtifact(UPLOAD, SMALL);
    await it.uploadArtifact(UPLOAD, BYTES);
    const took = Date.now() - start;
    expect(expectations).toEqual([undefined, '100-continue']);
    expect(took).toBeGreaterThan(900);
    expect(took).toBeLessThan(8000);
  });

  test('that a server does not know (417) is left out', async () => {
    const expectations: Array<string | undefined> = [];
    const { url } = await httpServer(
      async (request, response) => {
        expectations.push(request.headers.expect);
        json(response, 201, metadataFor(request, await lengthOf(request)));
      },
      (request, response) => {
        expectations.push(request.headers.expect);
        response.writeHead(417).end();
      },
    );
    expect(await client({ url }).uploadArtifact(UPLOAD, BYTES)).toMatchObject({ alreadyStored: false });
    expect(expectations).toEqual(['100-continue', undefined]);
    const always = await httpServer(async (request, response) => {
      await lengthOf(request);
      response.writeHead(417).end();
    });
    expect(await failureOf(client({ url: always.url }).uploadArtifact(UPLOAD, SMALL))).toMatchObject({
      code: 'http_4xx',
    });
  });

  test.each<[string, (socket: Socket) => void]>([
    ['reads on', (socket) => socket.resume()],
    ['reads on and closes', (socket) => setTimeout(() => socket.end(), 300)],
    ['reads no more', (socket) => socket.pause()],
  ])(
    'ignored, and an error in the middle of the body is understood where the server then %s',
    async (_name, then) => {
      const url = await tcpServer((socket) => {
        let seen = 0;
        const read = (data: Buffer) => {
          seen += data.length;
          if (seen < 200_000) return;
          socket.off('data', read);
          socket.write(httpAnswer(413, JSON.stringify(tooLarge)));
          then(socket);
        };
        socket.on('data', read);
      });
      const error = await failureOf(
        client({ url }).uploadArtifact(UPLOAD, bytesOf(20_000_000), { idleTimeoutMs: 5000 }),
      );
      expect(error).toMatchObject({
        code: 'artifact_too_large',
        status: 413,
        expected: 5,
        message: 'over 5 bytes',
      });
    },
  );

  test('a 413 of a gateway says what to do', async () => {
    const { url } = await httpServer(async (request, response) => {
      await lengthOf(request);
      json(response, 413, '<html>Request Entity Too Large</html>');
    });
    expect(await failureOf(client({ url }).uploadArtifact(UPLOAD, SMALL))).toMatchObject({
      code: 'artifact_too_large',
      status: 413,
      found: 1000,
      message: expect.stringMatching(/Entity Too Large.*`bhiv publish`/),
    });
  });

  test('an error is understood while a stream keeps us waiting for its next piece', async () => {
    const { url } = await httpServer(
      () => undefined,
      (request, response) => {
        response.writeContinue();
        request.once('data', () => json(response, 507, errorBody('disk_full')));
      },
    );
    let ended = false;
    const slow = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(300_000)),
      cancel: () => {
        ended = true;
      },
    });
    const upload = { ...UPLOAD, digest: digestOf('x'), size: 1_000_000 };
    expect(await failureOf(client({ url }).uploadArtifact(upload, slow as never))).toMatchObject({
      code: 'disk_full',
    });
    await until(() => ended);
  });
});

test('a stream that gives nothing is told apart from a Bucket that takes nothing', async () => {
  const { url } = await httpServer(async (request) => {
    await lengthOf(request).catch(() => 0);
  });
  const upload = { ...UPLOAD, digest: digestOf('x'), size: 1_000_000 };
  const never = new ReadableStream<Uint8Array>();
  expect(await failureOf(client({ url }).uploadArtifact(upload, never as never, IDLE))).toMatchObject({
    code: 'timeout',
    message: expect.stringContaining('the source gave no bytes within 400 ms'),
  });
});
