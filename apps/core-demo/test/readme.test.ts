import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { STATUS_OF } from '../src/errors.ts';
import { runningCore } from './support/running-core.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test("the README's task gets the README's answer", async () => {
  const [, task] = /-d '(\{.*?\})'/s.exec(README) ?? [];
  const [, answer] = /```json\n(.*?)```/s.exec(README) ?? [];
  const [, seed] = /CORE_SEED=(\w+)/.exec(README) ?? [];
  const core = await runningCore({ CORE_SEED: seed ?? '' });
  try {
    expect((await core.send('POST', '/handle_task', task ?? '')).json).toEqual(JSON.parse(answer ?? ''));
  } finally {
    await core.close();
  }
});

test('the README names every error code and every variable', () => {
  const config = readFileSync(new URL('../src/config.ts', import.meta.url), 'utf8');
  const variables = config.match(/`(CORE|BUCKET)_[A-Z_]+`/g) ?? [];
  expect(variables).toHaveLength(11);
  for (const name of [...variables, ...Object.keys(STATUS_OF)]) expect(README).toContain(name);
});
