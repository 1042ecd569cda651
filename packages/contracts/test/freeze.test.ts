import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { differences, frozenVersions, type Pins, pinsOf, withRelease } from '../scripts/lib/freeze.ts';
import { packageFolder } from './vectors.ts';

const pins: Pins = JSON.parse(readFileSync(join(packageFolder, 'freeze.lock.json'), 'utf8'));

test('every released file is what its pin says, and none was added', () => {
  expect(differences(packageFolder, pins)).toEqual([]);
});

test('v1.0 is released, its bundle included', () => {
  expect(frozenVersions(pins)).toContain('v1.0');
  expect(Object.keys(pins)).toContain('schemas/v1.0/bundle.json');
  expect(pinsOf(packageFolder, 'v1.0')).toEqual(
    Object.fromEntries(Object.entries(pins).filter(([file]) => /^(schemas|vectors)\/v1\.0\//.test(file))),
  );
});

describe('on a copy', () => {
  let copy: string;
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'contracts-freeze-'));
    cpSync(join(packageFolder, 'schemas'), join(copy, 'schemas'), { recursive: true });
    cpSync(join(packageFolder, 'vectors'), join(copy, 'vectors'), { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  const digest = 'schemas/v1.0/digest.json';

  test('a changed file is told, be it by one space', () => {
    writeFileSync(join(copy, digest), `${readFileSync(join(copy, digest), 'utf8')} `);
    expect(differences(copy, pins)).toEqual([
      expect.stringContaining(`${digest} is released and was changed`),
    ]);
  });

  test('a file that is gone is told', () => {
    rmSync(join(copy, digest));
    expect(differences(copy, pins)).toEqual([expect.stringContaining(`${digest} is released and gone`)]);
  });

  test('a vector that is gone is told', () => {
    rmSync(join(copy, 'vectors/v1.0/event-data.json'));
    expect(differences(copy, pins)).toEqual([
      expect.stringContaining('vectors/v1.0/event-data.json is released and gone'),
    ]);
  });

  test('a file that was added is told, in a folder below too', () => {
    writeFileSync(join(copy, 'schemas/v1.0/new.json'), '{}');
    cpSync(join(copy, digest), join(copy, 'schemas/v1.0/more/digest.json'));
    const found = differences(copy, pins);
    expect(found.length).toBe(2);
    expect(found.every((line) => line.includes('was added to a released version'))).toBe(true);
  });

  test('a whole folder that is gone is told file by file', () => {
    for (const folder of ['schemas', 'vectors']) rmSync(join(copy, folder, 'v1.0'), { recursive: true });
    expect(differences(copy, pins).length).toBe(Object.keys(pins).length);
  });

  test('a version that is not released yet may change as it likes', () => {
    writeFileSync(join(copy, 'schemas/README'), '');
    cpSync(join(copy, 'schemas/v1.0'), join(copy, 'schemas/v1.1'), { recursive: true });
    expect(differences(copy, pins)).toEqual([]);
  });

  test('a release adds the pins of the new version and keeps the old ones', () => {
    cpSync(join(copy, 'schemas/v1.0'), join(copy, 'schemas/v1.1'), { recursive: true });
    cpSync(join(copy, 'vectors/v1.0'), join(copy, 'vectors/v1.1'), { recursive: true });
    const released = withRelease(copy, pins, 'v1.1');
    expect(frozenVersions(released)).toEqual(['v1.0', 'v1.1']);
    expect(released).toMatchObject(pins);
    expect(Object.keys(released).length).toBe(2 * Object.keys(pins).length);
    expect(differences(copy, released)).toEqual([]);
  });

  test('a format is released like a version', () => {
    const released = withRelease(copy, pins, 'manifest-v1');
    expect(frozenVersions(released)).toEqual(['v1.0', 'manifest-v1']);
    writeFileSync(join(copy, 'schemas/manifest-v1/manifest.json'), '{}');
    expect(differences(copy, released).length).toBe(1);
  });

  test('a release of what is released is refused', () => {
    expect(() => withRelease(copy, pins, 'v1.0')).toThrow('v1.0 is released already');
  });

  test('a release is refused while a released file is not what its pin says', () => {
    cpSync(join(copy, 'schemas/v1.0'), join(copy, 'schemas/v1.1'), { recursive: true });
    writeFileSync(join(copy, digest), '{}');
    expect(() => withRelease(copy, pins, 'v1.1')).toThrow(`${digest} is released and was changed`);
  });

  test.each(['1.1', 'v2', '../v1.1', 'manifest', 'manifest-v1.0', ''])('%j is no version', (version) => {
    expect(() => withRelease(copy, pins, version)).toThrow('is no version');
  });
});
