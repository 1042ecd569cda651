import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readmesIn } from '../../src/demo/documents.ts';
import { tasksOver } from '../../src/demo/tasks.ts';

let store: string;
beforeAll(async () => {
  store = await mkdtemp(join(tmpdir(), 'demo-store-'));
  const add = async (path: string, text: string) => {
    await mkdir(join(store, path, '..'), { recursive: true });
    await writeFile(join(store, path), text);
  };
  await add('b@1.0.0/node_modules/b/README.md', `B ${'b'.repeat(300)}`);
  await add('@x+a@1.0.0/node_modules/@x/a/readme.md', `A ${'😀'.repeat(300)}`);
  await add('c@1.0.0/node_modules/c/README.md', 'too short');
  await add('d@1.0.0/node_modules/d/README.md', `B ${'b'.repeat(300)}`);
  await add('e@1.0.0/node_modules/e/index.js', '');
  await add('lock.yaml', '');
  await symlink('../../b@1.0.0/node_modules/b', join(store, 'e@1.0.0/node_modules/b'));
});
afterAll(() => rm(store, { recursive: true }));

describe('readmesIn', () => {
  test('finds each README once, in order of its path, long enough ones only, scoped ones too', async () => {
    const found = await readmesIn(store, 10_000);
    expect(found.map(({ name }) => name.slice(store.length + 1))).toEqual([
      '@x+a@1.0.0/node_modules/@x/a',
      'b@1.0.0/node_modules/b',
    ]);
  });

  test('cuts between characters', async () => {
    const [first] = await readmesIn(store, 250);
    expect(first?.text).toBe(`A ${'😀'.repeat(248)}`);
  });
});

describe('tasksOver', () => {
  const readmes = [
    { name: 'a', text: '# A tool\n\n[badge](x)\n\nIt does `things` well.' },
    { name: 'b', text: '# B' },
  ];

  test('are the same for the same seed, others for another', () => {
    expect(tasksOver(readmes, 50, 's')).toEqual(tasksOver(readmes, 50, 's'));
    expect(tasksOver(readmes, 50, 's')).not.toEqual(tasksOver(readmes, 50, 't'));
  });

  test('ask in all ways: with an agent, with tags, as a question, as plain text, and without any wish', () => {
    const tasks = tasksOver(readmes, 100, 's');
    expect(tasks).toHaveLength(100);
    expect(tasks.filter(({ agent }) => agent !== undefined).length).toBeGreaterThan(5);
    expect(tasks.filter(({ tags }) => tags !== undefined).length).toBeGreaterThan(15);
    expect(tasks.filter(({ input_type }) => input_type === undefined).length).toBeGreaterThan(5);
    expect(tasks).toContainEqual({
      input: 'What can I use for this: A tool, badge(x)?',
      input_type: 'query',
    });
  });

  test('need a README', () => {
    expect(() => tasksOver([], 1, 's')).toThrow('No README');
  });
});
