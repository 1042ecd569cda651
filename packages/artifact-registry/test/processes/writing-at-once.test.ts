import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Child, startFixture } from '../helpers/child.ts';
import {
  expectOneChain,
  expectSoundFile,
  expectWholeSequence,
  withRegistry,
} from '../helpers/sqlite-truth.ts';
import { tempFolder } from '../helpers/stores.ts';

const PROCESSES = 16;
/** 50 in `npm run soak -- registry`. */
const ROUNDS = Number(process.env.BHIV_REGISTRY_ROUNDS ?? 5);
const REGISTERING = new URL('../fixtures/registering-process.mjs', import.meta.url);

test(
  '16 processes create one file and write to it at once: nothing is lost and one is the latest',
  async () => {
    const { folder, remove } = await tempFolder();
    const path = join(folder, 'new', 'registry.db');
    const children = Array.from({ length: PROCESSES }, (_, number) =>
      startFixture(REGISTERING, path, `p${number}`, String(ROUNDS)),
    );
    await Promise.all(children.map((child) => child.printed('ready')));
    for (const child of children) child.process.stdin.write('go\n');
    const results = await Promise.all(children.map(resultOf));

    await withRegistry(path, async (registry) => {
      const versions = await expectWholeSequence(registry, 'shared');
      const names = children.flatMap((_, number) => numbers(ROUNDS).map((round) => `p${number}-${round}`));
      expect(versions.map(({ version }) => version).toSorted()).toEqual(names.toSorted());
      expect(versions.every(({ tags }) => tags.join() === 'moved')).toBe(true);
      expect(await expectOneChain(registry, 'shared', 'race')).toBe(PROCESSES * ROUNDS);

      const contested = await expectWholeSequence(registry, 'contested');
      expect(contested.length).toBe(ROUNDS);
      expect(results.flatMap(({ won }) => won).toSorted((one, other) => one - other)).toEqual(
        numbers(ROUNDS),
      );
      const winners = new Set(contested.map(({ digest }) => digest));
      for (const { lostTo } of results) for (const digest of lostTo) expect(winners.has(digest)).toBe(true);
      expect(results.flatMap(({ lostTo }) => lostTo).length).toBe((PROCESSES - 1) * ROUNDS);
    });
    expectSoundFile(path);
    await remove();
  },
  60_000 + ROUNDS * 5000,
);

type Result = { readonly won: number[]; readonly lostTo: string[]; readonly tries: number };

async function resultOf(child: Child): Promise<Result> {
  const { code, errors } = await child.ended;
  expect([code, errors]).toEqual([0, '']);
  // the line that the fixture prints last
  return JSON.parse(child.lines.at(-1) ?? '') as Result;
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}
