import { rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isHealingVersion } from '../../src/heal/heal-packs.ts';
import { bytesOf, MIB, noise, Room, sha256, treeIn } from '../helpers/transfers.ts';

const PACKS = 'model.packs';
const V2 = { artifactId: 'model', version: 'v2' };

let room: Room;
let source: string;
beforeEach(async () => {
  room = new Room();
  source = room.write('source', {
    'a.bin': bytesOf('a', 700_000),
    'b/b.bin': bytesOf('b', 300_000),
    c: '',
  });
  await room.publish(source);
});
afterEach(() => room.remove());

const packOf = (version = 'v1', index = 0): string => room.manifest(version).shards[index].version;
const addressOf = (version: string) => ({ bucketId: 'models', artifactId: PACKS, version });

/** The version can be fetched, and is what was published. */
async function expectSound(place = { artifactId: 'model', version: 'v1' }): Promise<void> {
  expect((await room.verify({ place })).problems).toEqual([]);
  const target = room.at(`fetched ${Math.random()}`);
  await room.fetch(target, { place });
  expect(treeIn(target)).toEqual(treeIn(source));
}

const DAMAGES: Record<string, (pack: string) => void> = {
  'its first byte flipped': (pack) => room.flip(pack, PACKS, 0),
  'its last byte flipped': (pack) => room.flip(pack, PACKS, 999_999),
  'bytes of two files flipped': (pack) => {
    room.flip(pack, PACKS, 600_000);
    room.flip(pack, PACKS, 900_000);
  },
  'half of it gone': (pack) => truncateSync(room.transport.pathOf(addressOf(pack)), 500_000),
  'none of it there': (pack) => rmSync(room.transport.pathOf(addressOf(pack))),
};

describe('heal', () => {
  test.each(Object.entries(DAMAGES))(
    'mends a pack with %s, for every version that has it',
    async (_what, damage) => {
      await room.publish(source, { place: V2, earlier: [room.stored()] });
      const version = packOf();
      damage(version);
      expect((await room.verify()).problems).not.toEqual([]);
      const { healed, problems } = await room.heal(source);
      const digest = version.replace('-', ':');
      expect(healed).toEqual([
        { artifactId: PACKS, version, digest, size: 1_000_000, healedBy: `${version}.healed-1` },
      ]);
      expect(problems).toEqual([]);
      await expectSound();
      await expectSound(V2);
    },
  );

  test('mends it again, and once more: each time under another version', async () => {
    const version = packOf();
    for (const number of [1, 2, 3]) {
      room.flip(version, PACKS, number);
      const { healed } = await room.heal(source);
      expect(healed).toMatchObject([{ healedBy: `${version}.healed-${number}` }]);
      expect(isHealingVersion(healed[0]?.healedBy ?? '')).toBe(true);
    }
    await expectSound();
    expect([isHealingVersion(version), isHealingVersion('v1.healed-1')]).toEqual([false, false]);
  });

  test('stores a pack that is gone under its own name', async () => {
    const version = packOf();
    rmSync(room.transport.refPathOf(addressOf(version)));
    rmSync(join(room.at('bucket/blobs'), version.slice('sha256-'.length)));
    expect((await room.heal(source)).healed).toMatchObject([{ version, healedBy: version }]);
    await expectSound();
  });

  test('sends nothing where nothing is wrong', async () => {
    const { puts } = room.transport.counts;
    expect(await room.heal(source)).toMatchObject({ healed: [], problems: [], packs: 1, files: 3 });
    expect(room.transport.counts.puts).toBe(puts);
  });

  test('needs no more of the files than what was damaged', async () => {
    room.flip(packOf(), PACKS, 900_000);
    room.write('source', { 'a.bin': 'has changed' });
    expect((await room.heal(source)).healed.length).toBe(1);
    room.write('source', { 'a.bin': bytesOf('a', 700_000) });
    await expectSound();
  });

  test('takes bytes from whichever file has them', async () => {
    room.write('source', { 'copy of a': bytesOf('a', 700_000) });
    await room.publish(source, { place: V2, earlier: [room.stored()] });
    room.flip(packOf(), PACKS, 0);
    rmSync(join(source, 'a.bin'));
    expect((await room.heal(source, { place: V2 })).healed.length).toBe(1);
  });

  test.each<[string, () => void]>([
    ['have changed', () => room.write('source', { 'a.bin': bytesOf('other', 700_000) })],
    ['are shorter', () => truncateSync(join(source, 'a.bin'), 600_000)],
    ['are gone', () => rmSync(join(source, 'a.bin'))],
    [
      'are folders now',
      () => {
        rmSync(join(source, 'a.bin'));
        room.write('source', { 'a.bin/': '' });
      },
    ],
    [
      'are symbolic links',
      () => {
        room.write('elsewhere', { 'a.bin': bytesOf('a', 700_000) });
        rmSync(join(source, 'a.bin'));
        symlinkSync(room.at('elsewhere/a.bin'), join(source, 'a.bin'));
      },
    ],
  ])('says what is still wrong where files %s, and sends nothing', async (_what, change) => {
    room.flip(packOf(), PACKS, 699_999);
    change();
    const { puts } = room.transport.counts;
    const { healed, problems } = await room.heal(source);
    expect(healed).toEqual([]);
    expect(problems).toMatchObject([{ code: 'digest_mismatch', version: packOf(), paths: ['a.bin'] }]);
    expect(room.transport.counts.puts).toBe(puts);
  });

  test('says that a Bucket is not healed which keeps bytes by version', async () => {
    room.flip(packOf(), PACKS, 0);
    const damaged = room.stored(packOf(), PACKS);
    room.transport.tamper = (bytes, { version }, start) =>
      version === packOf() ? damaged.subarray(start, start + bytes.byteLength) : bytes;
    const { healed, problems } = await room.heal(source);
    expect([healed, problems.length]).toEqual([[], 1]);
  });

  test('passes over a version that somebody else has taken', async () => {
    const version = packOf();
    await room.store(Buffer.from('something else'), `${version}.healed-1`, PACKS);
    room.flip(version, PACKS, 0);
    expect((await room.heal(source)).healed).toMatchObject([{ healedBy: `${version}.healed-2` }]);
  });

  test('gives up where a hundred names are taken', async () => {
    const version = packOf();
    for (let number = 1; number <= 100; number += 1)
      await room.store(Buffer.from('something else'), `${version}.healed-${number}`, PACKS);
    room.flip(version, PACKS, 0);
    const { healed, problems } = await room.heal(source);
    expect([healed, problems.length]).toEqual([[], 1]);
  });

  test('rejects where the way to Bucket fails, when it reads and when it sends', async () => {
    room.flip(packOf(), PACKS, 0);
    room.transport.failureCode = 'bad_response';
    room.transport.failAfterBytesUp = 0;
    await expect(room.heal(source)).rejects.toMatchObject({ code: 'bad_response' });
    room.transport.failAfterBytesUp = Number.POSITIVE_INFINITY;
    const { bytesDown } = room.transport.counts;
    const once = room.stored().byteLength + 1_000_000;
    for (const read of [once, once + 1_000_000]) {
      room.transport.counts.bytesDown = bytesDown;
      room.transport.failAfterBytesDown = bytesDown + read;
      await expect(room.heal(source)).rejects.toMatchObject({ code: 'bad_response' });
    }
    room.transport.failAfterBytesDown = Number.POSITIVE_INFINITY;
    await room.heal(source);
    await expectSound();
  });

  test('heals what a list of another tool names, up to 32 MiB, from the file itself', async () => {
    const [small, large] = [bytesOf('small', 5000), noise('large', 33 * MIB)];
    room.write('listed', { 'in/small.bin': small, 'large.bin': large });
    const shards = [
      { name: 'in/small.bin', artifact_id: 'small', digest: await room.store(small, 'v7', 'small') },
      { name: 'large.bin', digest: await room.store(large, 'v7', 'large.bin') },
    ];
    const place = { artifactId: 'list', version: 'v7' };
    await room.storeJson({ shards }, place.version, place.artifactId);
    room.flip('v7', 'small', 4999);
    room.flip('v7', 'large.bin', 0);
    const { healed, problems } = await room.heal(room.at('listed'), { place });
    const healedBy = `${sha256(small).replace(':', '-')}.healed-1`;
    expect(healed).toMatchObject([{ artifactId: 'small', version: 'v7', healedBy }]);
    expect(problems).toMatchObject([{ artifactId: 'large.bin' }]);
  });

  test('of a single file takes the file itself, under its own name', async () => {
    const place = { artifactId: 'single', version: 'v1' };
    await room.publish(join(source, 'a.bin'), { place, packArtifactId: 'single.packs' });
    const [{ version: pack }] = JSON.parse(room.stored('v1', 'single').toString()).shards;
    room.flip(pack, 'single.packs', 5);
    expect((await room.heal(join(source, 'a.bin'), { place })).healed.length).toBe(1);
    expect((await room.verify({ place })).problems).toEqual([]);
  });

  test('mends many packs, and only the damaged ones', async () => {
    room.write('source', { large: noise('large', 36 * MIB) });
    await room.publish(source, { place: V2, earlier: [room.stored()] });
    const shards: string[] = room.manifest('v2').shards.map(({ version }: { version: string }) => version);
    expect(shards.length).toBe(3);
    for (const pack of shards.slice(1)) room.flip(pack, PACKS, 1000);
    const { healed } = await room.heal(source, { place: V2 });
    expect(healed.map(({ version }) => version)).toEqual(shards.slice(1));
    await expectSound(V2);
  });
});

describe('publish with verifyPacks', () => {
  test('heals a pack of an earlier version before it builds on it', async () => {
    room.flip(packOf(), PACKS, 0);
    room.write('source', { 'new.bin': bytesOf('new', 1000) });
    const earlier = [room.stored()];
    const published = await room.publish(source, { place: V2, earlier, verifyPacks: true });
    expect(published.healed).toMatchObject([{ version: packOf(), healedBy: `${packOf()}.healed-1` }]);
    await expectSound(V2);
  });

  test('heals a pack that an upload left which was cut off', async () => {
    const version = packOf();
    rmSync(room.transport.refPathOf({ bucketId: 'models', artifactId: 'model', version: 'v1' }));
    room.flip(version, PACKS, 999_999);
    const published = await room.publish(source, { verifyPacks: true });
    expect(published).toMatchObject({ bytesFound: 1_000_000, healed: [{ version }] });
    await expectSound();
  });

  test('heals the packs of a version that is published already', async () => {
    room.flip(packOf(), PACKS, 999_999);
    const again = await room.publish(source, { verifyPacks: true });
    expect(again).toMatchObject({ alreadyPublished: true, healed: [{ version: packOf() }] });
    await expectSound();
  });

  test('does not read what it has sent itself', async () => {
    room.write('source', { 'new.bin': bytesOf('new', 1000) });
    const { bytesDown } = room.transport.counts;
    await room.publish(source, { place: V2, earlier: [room.stored()], verifyPacks: true });
    expect(room.transport.counts.bytesDown - bytesDown).toBe(1_000_000);
  });

  test('stores no manifest over a pack that it cannot heal', async () => {
    room.flip(packOf(), PACKS, 0); // of a.bin, which the next version does without
    rmSync(join(source, 'a.bin'));
    const publishing = room.publish(source, { place: V2, earlier: [room.stored()], verifyPacks: true });
    await expect(publishing).rejects.toMatchObject({
      code: 'packs_damaged',
      message: expect.stringMatching(/^1 of the packs of earlier versions .* are damaged.*Heal them/),
      details: { problems: [expect.objectContaining({ version: packOf() })] },
    });
    expect(await room.transport.headArtifact({ bucketId: 'models', ...V2 })).toBeNull();
    await room.publish(source, { place: V2, verifyPacks: true }); // without the earlier manifest
    await expectSound(V2);
  });
});
