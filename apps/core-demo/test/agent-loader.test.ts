import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadAgents, readAgentsFile } from '../src/agent-loader.ts';
import { runningCore } from './support/running-core.ts';
import { PLAIN } from './support/texts.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'core-agents-'));
});
afterAll(() => rm(folder, { recursive: true }));

const ENTRY = {
  id: 'brief',
  kind: 'textrank-summary',
  tags: ['short'],
  weight: 1,
  input_types: ['text'],
  options: { sentences: 1, max_sentences: 20 },
};
const SELECTION = { exploration: 1, exploration_decay: 0.9 };

async function fileWith(content: unknown): Promise<string> {
  const path = join(folder, `agents-${Math.random()}.json`);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

test('a config entry is all that a Core of other agents needs', async () => {
  const path = await fileWith({ selection: SELECTION, agents: [ENTRY, { ...ENTRY, id: 'briefer' }] });
  const core = await runningCore({ CORE_AGENTS_FILE: path });
  try {
    const answer = await core.task({ agent: 'briefer', input: PLAIN });
    expect(answer).toMatchObject({ status: 200, json: { agent: 'briefer', data: { sentences: 1, of: 6 } } });
    expect((await core.get('/config')).json).toMatchObject({ agents: [ENTRY, { id: 'briefer' }] });
  } finally {
    await core.close();
  }
});

describe('a start stops, naming file, field and value, when', () => {
  test.each<[string, unknown, string]>([
    ['the file is not JSON', '{', 'cannot be read'],
    [
      'there are no agents',
      { selection: SELECTION, agents: [] },
      'agents: must NOT have fewer than 1 items, but is an array',
    ],
    [
      'a field is missing',
      { selection: SELECTION, agents: [{ ...ENTRY, weight: undefined }] },
      'agents.0: "weight" is missing',
    ],
    [
      'a value is wrong',
      { selection: SELECTION, agents: [{ ...ENTRY, weight: -1 }] },
      'agents.0.weight: must be > 0, but is -1',
    ],
    [
      'a field is unknown',
      { selection: SELECTION, agents: [{ ...ENTRY, wieght: 1 }] },
      'agents.0: "wieght" is not a known field',
    ],
    [
      'an id is there twice',
      { selection: SELECTION, agents: [ENTRY, ENTRY] },
      'two agents have the id "brief"',
    ],
    [
      'a kind would leave the folder',
      { selection: SELECTION, agents: [{ ...ENTRY, kind: '../main' }] },
      'agents.0.kind: must match pattern',
    ],
  ])('%s', async (_case, content, message) => {
    const path = await fileWith(content);
    await expect(readAgentsFile(path)).rejects.toThrow(message);
    await expect(readAgentsFile(path)).rejects.toThrow(path);
  });

  test('a kind has no file', async () => {
    const file = await readAgentsFile(
      await fileWith({ selection: SELECTION, agents: [{ ...ENTRY, kind: 'unheard-of' }] }),
    );
    await expect(loadAgents(file, { documentsDir: folder })).rejects.toThrow(
      'src/agents/unheard-of.ts cannot be loaded',
    );
  });

  test('an option is wrong', async () => {
    const file = await readAgentsFile(
      await fileWith({ selection: SELECTION, agents: [{ ...ENTRY, options: { sentences: 0 } }] }),
    );
    await expect(loadAgents(file, { documentsDir: folder })).rejects.toThrow(
      'options of agent "brief": sentences: must be >= 1, but is 0',
    );
    await expect(loadAgents(file, { documentsDir: folder })).rejects.toThrow(
      'options of agent "brief": the whole: "max_sentences" is missing',
    );
  });

  test('the file is not there', async () => {
    await expect(readAgentsFile(join(folder, 'none.json'))).rejects.toThrow('none.json cannot be read');
  });
});
