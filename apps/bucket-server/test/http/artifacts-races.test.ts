import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestOf, download, storedFiles, upload, uploadHeaders } from '../helpers/artifacts.ts';
import { RawClient } from '../helpers/raw-client.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

const CLIENTS = 64;
const ROUNDS = 100;

let app: RunningApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

test(`${CLIENTS} clients put different bytes to one version, ${ROUNDS} rounds: one 201 each, and the winner's bytes`, async () => {
  const clients = Array.from({ length: CLIENTS }, () => new RawClient(app.port));
  for (let round = 0; round < ROUNDS; round += 1) {
    const bodies = clients.map((_, index) => `round ${round}, client ${index}`);
    const replies = await Promise.all(
      clients.map((client, index) => {
        const body = bodies[index] ?? '';
        const headers = { ...uploadHeaders(body), 'Content-Length': String(body.length) };
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
        return client.request(
          `PUT /v1/b/race-${round} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n${body}`,
        );
      }),
    );
    const winners = replies.flatMap(({ status }, index) => (status === 201 ? [index] : []));
    expect([round, winners.length]).toEqual([round, 1]);
    const winner = bodies[winners[0] ?? -1] ?? '';
    const digest = digestOf(winner);
    for (const { status, body } of replies) {
      if (status === 201) continue;
      const { error } = JSON.parse(body);
      expect([status, error.code, error.details]).toEqual([
        409,
        'version_exists',
        { digest, identical: false },
      ]);
    }
    expect((await download(app.port, {}, `/v1/b/race-${round}?version=v1`)).text).toBe(winner);
    // A connection whose 409 came before its body was read is closed.
    for (const [index, { head }] of replies.entries()) {
      if (/^connection: close/im.test(head)) clients[index] = new RawClient(app.port);
    }
  }
  for (const client of clients) client.close();
  const files = await storedFiles(app.folder);
  expect(files.filter((file) => file.startsWith('refs/'))).toHaveLength(ROUNDS);
  expect(files.filter((file) => file.startsWith('tmp/'))).toEqual([]);
}, 120_000);

test('the same bytes to one version at the same time: one 201, and every 409 says identical', async () => {
  const bytes = Buffer.alloc(300_000, 'z');
  const replies = await Promise.all(
    Array.from({ length: 16 }, () => upload(app.port, bytes, {}, '/v1/b/same')),
  );
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
  const others = replies.filter(({ status }) => status === 409);
  expect(others.map(({ body }) => body.error.details.identical)).toEqual(Array(15).fill(true));
});

test('the same bytes to many versions at the same time: all stored, in one blob', async () => {
  const bytes = Buffer.alloc(300_000, 'w');
  const replies = await Promise.all(
    Array.from({ length: 32 }, (_, index) =>
      upload(app.port, bytes, { 'X-Artifact-Version': `v${index}` }, '/v1/b/many'),
    ),
  );
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
  const hex = digestOf(bytes).slice('sha256:'.length);
  expect((await storedFiles(app.folder)).filter((file) => file.endsWith(hex))).toHaveLength(1);
});

test('a client that was answered 201 can read at once, and so can others', async () => {
  for (let number = 0; number < 50; number += 1) {
    const path = `/v1/b/read-${number}`;
    const reading = Promise.all(
      Array.from({ length: 8 }, async () => (await download(app.port, {}, `${path}?version=v1`)).status),
    );
    expect((await upload(app.port, `number ${number}`, {}, path)).status).toBe(201);
    expect((await download(app.port, {}, `${path}?version=v1`)).text).toBe(`number ${number}`);
    for (const status of await reading) expect([200, 404]).toContain(status);
  }
});
