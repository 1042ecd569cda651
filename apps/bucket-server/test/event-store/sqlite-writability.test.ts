import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sampleEvent } from '../../src/event-store/conformance/samples.ts';
import { openUnderTest, type SqliteUnderTest, stallCommits } from '../helpers/sqlite-under-test.ts';

let underTest: SqliteUnderTest;

beforeEach(async () => {
  underTest = await openUnderTest();
});
afterEach(() => underTest.dispose());

describe('health while events cannot be written', () => {
  test('another program holds the lock: from the first event that is withdrawn until a write succeeds', async () => {
    const { store, folder } = underTest;
    const goOn = stallCommits(folder);
    await expect(store.append(sampleEvent())).rejects.toMatchObject({ code: 'engine_unavailable' });
    for (let asked = 0; asked < 3; asked += 1) expect((await store.health()).state).toBe('unavailable');
    goOn();
    expect((await store.health()).state).toBe('healthy');
    await store.append(sampleEvent());
  });

  test('an idle store finds out by itself, after some seconds', async () => {
    const { store, folder } = underTest;
    const goOn = stallCommits(folder);
    await new Promise((resolve) => setTimeout(resolve, 5200));
    expect((await store.health()).state).toBe('unavailable');
    goOn();
    expect((await store.health()).state).toBe('healthy');
  });

  test.each(['events.db', 'events.db-wal'])('%s deleted: nothing is acknowledged any more', async (name) => {
    const { store, folder } = underTest;
    await store.append(sampleEvent());
    await rm(join(folder, name));
    expect((await store.health()).state).toBe('unavailable');
    await expect(store.append(sampleEvent())).rejects.toMatchObject({
      code: 'engine_unavailable',
      message: expect.stringContaining(`${name} is not the file that this Bucket has opened: it was deleted`),
    });
    expect((await store.health()).state).toBe('unavailable');
  });

  test('a file that was moved away and comes back is the same file', async () => {
    const { store, folder } = underTest;
    const path = join(folder, 'events.db');
    await rename(path, `${path}.away`);
    await expect(store.append(sampleEvent())).rejects.toMatchObject({ code: 'engine_unavailable' });
    await rename(`${path}.away`, path);
    expect((await store.health()).state).toBe('healthy');
    await store.append(sampleEvent());
  });
});
