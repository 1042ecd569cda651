import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { baseEnvironment, nodeHeaders, pinnedPnpm } from '../lib/tools.mjs';

test('the environment is the given one, without telemetry', () => {
  const env = baseEnvironment({ PATH: '/bin' });
  assert.deepEqual(env, { PATH: '/bin', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' });
});

test('headers beside Node are used, unless others are named', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'node-home-'));
  t.after(() => rmSync(home, { recursive: true }));
  mkdirSync(join(home, 'include/node'), { recursive: true });
  writeFileSync(join(home, 'include/node/node.h'), '');
  const execPath = join(home, 'bin/node');
  assert.deepEqual(nodeHeaders({}, execPath), { npm_config_nodedir: home });
  assert.deepEqual(nodeHeaders({ npm_config_nodedir: '/mine' }, execPath), {});
  assert.deepEqual(nodeHeaders({}, '/no/such/bin/node'), {});
});

test('pnpm is the version that package.json pins', () => {
  assert.equal(pinnedPnpm({ packageManager: 'pnpm@12.21.0' }), 'pnpm@12.21.0');
  assert.equal(pinnedPnpm({ packageManager: 'pnpm@12.21.0+sha512.ab' }), 'pnpm@12.21.0');
  assert.throws(() => pinnedPnpm({ packageManager: 'yarn@4.0.0' }), /pins "yarn@4.0.0"/);
  assert.match(pinnedPnpm(), /^pnpm@\d/);
});
