import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openSqliteEventStore } from '../../src/event-store/sqlite/open.ts';
import { spawnProgram } from '../helpers/spawn-bucket.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

let folder: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ folder, remove } = await tempFolder());
});
afterEach(() => remove());

function startOn(data: string, through?: readonly [string, ...string[]]) {
  const env = { BUCKET_PORT: '0', BUCKET_DATA_DIR: data };
  return spawnProgram(through === undefined ? { env } : { env, through }).ended;
}

const AS_NOBODY = ['runuser', '-u', 'nobody', '--'] as const;
const canBeNobody =
  process.getuid?.() === 0 && spawnSync(AS_NOBODY[0], [...AS_NOBODY.slice(1), 'true']).status === 0;
if (!canBeNobody) console.log('skipped: a database of another user (needs root, and runuser of util-linux)');

const hasProc = existsSync('/proc/self');
if (!hasProc) console.log('skipped: a folder that takes no entry (needs /proc)');

const [MOUNT, ...MOUNT_ARGUMENTS] = ['mount', '-t', 'tmpfs', '-o', 'size=16k', 'tmpfs'] as const;

describe('a data folder that cannot be used: exit status 1, and the message says why', () => {
  (hasProc ? test : test.skip)('a parent that takes no entry', async () => {
    for (const data of ['/proc/bucket-data', '/proc/bucket-data/deeper']) {
      const { code, stderr } = await startOn(data, ['timeout', '10']);
      expect(code).toBe(1);
      expect(stderr).toContain(`The data folder ${data} cannot be created: ENOENT`);
    }
  });

  (canBeNobody ? test : test.skip)('a database that this user may not write', async () => {
    const data = join(folder, 'data');
    await (await openSqliteEventStore({ folder: data })).close();
    await chmod(dirname(folder), 0o755);
    await chmod(folder, 0o755);
    await chown(data, 65_534, 65_534);
    await chmod(join(data, 'bucket.lock'), 0o666);
    await chmod(join(data, 'events.db'), 0o644);
    const { code, stderr } = await startOn(data, [...AS_NOBODY]);
    expect(code).toBe(1);
    expect(stderr).toContain('events.db may not be written by this user (SQLITE_READONLY');
  });

  test('a full disk', async () => {
    const data = join(folder, 'small');
    await mkdir(data);
    if (spawnSync(MOUNT, [...MOUNT_ARGUMENTS, data]).status !== 0) {
      console.log('skipped: a full disk (this user may not mount one)');
      return;
    }
    try {
      const { code, stderr } = await startOn(data, ['timeout', '10']);
      expect(code).toBe(1);
      expect(stderr).toContain(`The disk is full: less than 1 MiB is free at ${data}`);
    } finally {
      spawnSync('umount', [data]);
    }
  });
});
