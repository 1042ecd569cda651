import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { portOf, whyNotListen } from '../lib/ports.mjs';

test('a port in use is named, with the variable that moves it; a free one is fine', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address();
  const reason = await whyNotListen('127.0.0.1', port, 'CORE_PORT');
  assert.match(reason, new RegExp(`^Port ${port} on 127.0.0.1 is in use .* set CORE_PORT to a free port$`));
  assert.equal(await whyNotListen('127.0.0.1', 0, 'CORE_PORT'), undefined);
});

test('an address of another machine is a reason too', async () => {
  assert.match(await whyNotListen('192.0.2.1', 0, 'CORE_PORT'), /^Nothing can listen on 192.0.2.1 port 0/);
});

test('a port is the usual one unless the variable is set, and must be one', () => {
  assert.equal(portOf('CORE_PORT', 8002, {}), 8002);
  assert.equal(portOf('CORE_PORT', 8002, { CORE_PORT: '' }), 8002);
  assert.equal(portOf('CORE_PORT', 8002, { CORE_PORT: '9' }), 9);
  for (const value of ['0', '65536', '80a', '-1']) {
    assert.throws(() => portOf('CORE_PORT', 8002, { CORE_PORT: value }), /CORE_PORT is ".*"; give a port/);
  }
});
