import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Registry } from '../../src/registry/registry.ts';
import { type Child, startFixture } from '../helpers/child.ts';
import {
  expectOneChain,
  expectSoundFile,
  expectWholeSequence,
  withRegistry,
} from '../helpers/sqlite-truth.ts';
import { tempFolder } from '../helpers/stores.ts';

/** 1,000 in `npm run soak -- registry`. */
const KILLS = Number(process.env.BHIV_REGISTRY_KILLS ?? 8);
const AT_ONCE = 4;
const ENDLESS = new URL('../fixtures/endless-process.mjs', import.meta.url);

test(
  `${KILLS} kills in the middle of writing: the registry opens, and is true`,
  async () => {
    const { folder, remove } = await tempFolder();
    const path = join(folder, 'registry.db');
    for (let kills = 0; kills < KILLS; kills += AT_ONCE) {
      const names = Array.from(
        { length: Math.min(AT_ONCE, KILLS - kills) },
        (_, number) => `model-${number}`,
      );
      const children = await Promise.all(names.map((name) => killedChild(path, name)));
      await withRegistry(path, async (registry) => {
        for (const [index, child] of children.entries())
          await expectTruth(registry, `model-${index}`, child.lines);
      });
    }
    expectSoundFile(path);
    await remove();
  },
  60_000 + KILLS * 2000,
);

/** A process that wrote to the registry for a while and was killed. */
async function killedChild(path: string, logicalId: string): Promise<Child> {
  const child = startFixture(ENDLESS, path, logicalId);
  await child.printed('registered');
  await delay(Math.random() * 60);
  child.process.kill('SIGKILL');
  const { signal, errors } = await child.ended;
  expect([signal, errors]).toEqual(['SIGKILL', '']);
  return child;
}

/** Everything that was answered is there, what is there is whole, and no more than one call is there unanswered. */
async function expectTruth(registry: Registry, logicalId: string, lines: readonly string[]): Promise<void> {
  const versions = await expectWholeSequence(registry, logicalId);
  const registered = last(lines, 'registered');
  expect([registered, registered + 1]).toContain(versions.length);
  const withParents = versions.map(({ version, parents, metadata }) => [
    version,
    metadata.number,
    parents[0]?.version,
  ]);
  expect(withParents).toEqual(
    versions.map((_, index) => {
      const number = versions.length - index;
      return [`v${number}`, number, number === 1 ? undefined : `v${number - 1}`];
    }),
  );
  await expectOneChain(registry, logicalId, 'production');
  const pointsAt = Number((await registry.getVersionByAlias(logicalId, 'production'))?.version.slice(1) ?? 0);
  expect([last(lines, 'pointed'), registered]).toContain(pointsAt);
  for (const line of lines.filter((text) => text.startsWith('tagged'))) {
    const record = versions.find(({ version }) => version === `v${line.split(' ')[1]}`);
    expect(record?.tags).toEqual(['done']);
  }
  const { versions: even } = await registry.search({ logicalId, metadata: { number: registered } });
  expect(even.map(({ version }) => version)).toEqual([`v${registered}`]);
}

function last(lines: readonly string[], word: string): number {
  return Number(lines.findLast((line) => line.startsWith(word))?.split(' ')[1] ?? 0);
}
