import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import axios from 'axios';
import { bucket, until } from './support.ts';

const post = (url: string, body: string) =>
  axios.post(`${url}/core/write-event`, body, { validateStatus: null, transformRequest: [] });
const EVENT = { requester_id: 'bhiv_core', event_data: { event_type: 'x', agent_id: 'a' } };

test('it refuses what Bucket refuses', async () => {
  const { url, events } = await bucket();
  const get = (path: string) => axios.get(url + path, { validateStatus: null });
  expect((await post(url, 'no JSON')).status).toBe(400);
  expect((await post(url, '{}')).data.error.message).toContain('requester_id');
  expect((await post(url, JSON.stringify({ ...EVENT, event_data: {} }))).status).toBe(400);
  expect((await post(url, JSON.stringify({ ...EVENT, requester_id: 'else' }))).status).toBe(403);
  expect((await get('/core/read-context?agent_id=a&requester_id=else')).status).toBe(403);
  expect((await get('/core/read-context?requester_id=bhiv_core')).status).toBe(400);
  expect((await get('/elsewhere')).status).toBe(404);
  expect(events).toEqual([]);
});

test('it stamps a context that has no timestamp, forgets when told to, and fails as told', async () => {
  const it = await bucket();
  expect((await post(it.url, JSON.stringify(EVENT))).data).toEqual({
    success: true,
    message: 'Event received',
  });
  const { data } = await axios.get(`${it.url}/core/read-context?agent_id=a&requester_id=bhiv_core`);
  expect(Date.parse(data.context.last_updated)).not.toBeNaN();
  it.clear();
  expect(it.events).toEqual([]);
  it.fail({ status: 507, body: 'full' });
  expect(await post(it.url, '{}')).toMatchObject({ status: 507, data: 'full' });
  it.fail('reset');
  await expect(post(it.url, '{}')).rejects.toMatchObject({ code: 'ECONNRESET' });
  it.fail('silent');
  await expect(axios.get(it.url, { timeout: 100 })).rejects.toMatchObject({ code: 'ECONNABORTED' });
  expect(it.requests).toBe(5);
});

test('waiting for events that do not come says how many came; a client that leaves does no harm', async () => {
  const it = await bucket();
  const { port } = new URL(it.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('POST /core/write-event HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{');
  await until(() => it.requests === 1);
  socket.destroy();
  await expect(it.waitForEvents(1, 50)).rejects.toThrow('0 of 1 events after 50 ms');
});
