import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Agent } from '../src/agent.ts';
import { loadAgents, readAgentsFile } from '../src/agent-loader.ts';
import { UnusableInputError } from '../src/errors.ts';
import { rewardOf } from '../src/tasks/reward.ts';
import { MARKDOWN, PLAIN } from './support/texts.ts';

const agentsFile = fileURLToPath(new URL('../config/agents.json', import.meta.url));

/** The agents of the shipped configuration, over a folder of three documents. */
let agents: Map<string, Agent>;
let documentsDir: string;

beforeAll(async () => {
  documentsDir = await mkdtemp(join(tmpdir(), 'core-documents-'));
  await writeFile(join(documentsDir, 'cats.md'), '# Cats\n\nCats sleep all day. At night cats hunt mice.\n');
  await writeFile(join(documentsDir, 'dogs.txt'), 'Dogs run in the park.\n\nDogs chase cats.\n');
  await writeFile(join(documentsDir, 'ignored.json'), '"cats cats cats"');
  const loaded = await loadAgents(await readAgentsFile(agentsFile), { documentsDir });
  agents = new Map(loaded.map(({ id, agent }) => [id, agent]));
});

afterAll(() => rm(documentsDir, { recursive: true }));

async function run(id: string, input: string, inputType = 'text') {
  const agent = agents.get(id);
  if (agent === undefined) throw new Error(`no agent ${id}`);
  return agent.run({ input, inputType });
}

describe('summary', () => {
  test("takes the text's central sentences in their order and leaves the aside out", async () => {
    const { response, data } = await run('summary', PLAIN);
    expect(data).toEqual({ sentences: 3, of: 6 });
    expect(response).not.toContain('rained');
    const positions = response
      .split(/(?<=\.) /)
      .map((sentence) => PLAIN.replaceAll('\n', ' ').indexOf(sentence));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(positions).not.toContain(-1);
  });

  test('earns more for a summary of a long text than for repeating a short one', async () => {
    const long = await run('summary', PLAIN);
    const whole = await run('summary', 'Bucket stores events. Core sends events.');
    expect(rewardOf(long.measures)).toBeGreaterThan(0.3);
    expect(whole.measures.compression).toBe(0);
    expect(rewardOf(whole.measures)).toBe(0);
  });

  test('cannot work on a text without sentences', async () => {
    await expect(async () => run('summary', '... !!!')).rejects.toThrow(UnusableInputError);
  });
});

describe('search', () => {
  test('finds the documents, the best first, with a passage of each', async () => {
    const { response, data, measures } = await run('search', 'What do cats hunt?', 'query');
    expect(data).toMatchObject({
      query: ['cats', 'hunt'],
      found: 2,
      hits: [
        { document: 'cats.md', title: 'Cats', passage: 'At night cats hunt mice.' },
        { document: 'dogs.txt', title: 'dogs', passage: 'Dogs chase cats.' },
      ],
    });
    expect(response.split('\n')[0]).toBe('cats.md: Cats');
    expect(measures).toEqual({ hits: 1, match: 1 });
  });

  test('says so, and earns nothing, when nothing is found', async () => {
    const { response, measures } = await run('search', 'submarines', 'query');
    expect(response).toBe('No document speaks of: submarines');
    expect(rewardOf(measures)).toBe(0);
  });

  test('cannot search for nothing', async () => {
    await expect(async () => run('search', 'the of a 42', 'query')).rejects.toThrow(UnusableInputError);
  });
});

describe('outline', () => {
  test('of Markdown follows its headings', async () => {
    const { response, data } = await run('outline', MARKDOWN, 'markdown');
    expect(data).toMatchObject({
      sections: [
        { depth: 1, heading: 'Events', words: 9 },
        { depth: 2, heading: 'Reading', words: 14 },
        { depth: 2, heading: 'Writing', words: 10 },
      ],
    });
    expect(response.split('\n').slice(0, 2)).toEqual(['- Events (9 words)', '  - Reading (14 words)']);
    expect(response).toMatch(/\nKey terms: .*core/);
  });

  test('of plain text has a section for each paragraph', async () => {
    const { data, measures } = await run('outline', PLAIN);
    expect(data.sections).toHaveLength(2);
    expect(measures.structure).toBeCloseTo(1 - 32 / 52, 9);
  });

  test('cannot outline no words', async () => {
    await expect(async () => run('outline', '![only](an-image.png)', 'markdown')).rejects.toThrow(
      UnusableInputError,
    );
  });
});

test('every agent gives the same output for the same input', async () => {
  for (const id of agents.keys()) {
    expect(JSON.stringify(await run(id, MARKDOWN, 'markdown'))).toBe(
      JSON.stringify(await run(id, MARKDOWN, 'markdown')),
    );
  }
});
