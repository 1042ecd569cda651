import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { code, fillBlocks, table } from '../scripts/lib/markdown.ts';
import { packageFolder } from './vectors.ts';

/** Runs a script of the built package in a folder. */
function run(script: string, folder: string, ...args: string[]) {
  const path = join(packageFolder, 'dist/scripts', `${script}.js`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

const GENERATORS = [
  { script: 'bundle', file: 'schemas/v1.0/bundle.json' },
  { script: 'bundle', file: 'schemas/manifest-v1/bundle.json' },
  { script: 'types', file: 'src/generated/types.ts' },
  { script: 'types', file: 'src/generated/manifest-types.ts' },
  { script: 'types', file: 'src/generated/schema-names.ts' },
  { script: 'docs', file: '../../docs/contract.md' },
  { script: 'docs', file: '../../docs/manifest.md' },
];

test.each(['bundle', 'types', 'docs', 'freeze', 'compat'])('%s --check passes', (script) => {
  expect(run(script, packageFolder, '--check')).toMatchObject({ status: 0 });
});

describe('on a copy of the sources', () => {
  let root: string;
  let copy: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'contracts-generated-'));
    copy = join(root, 'packages/contracts');
    mkdirSync(join(root, 'docs'));
    for (const page of ['contract.md', 'manifest.md'])
      cpSync(join(packageFolder, '../../docs', page), join(root, 'docs', page));
    for (const part of ['schemas', 'vectors', 'src/generated', 'freeze.lock.json']) {
      cpSync(join(packageFolder, part), join(copy, part), { recursive: true });
    }
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test.each(GENERATORS)(
    '$script --check tells that $file was edited and leaves it; without --check it is written',
    ({ script, file }) => {
      const path = join(copy, file);
      const before = readFileSync(path, 'utf8');
      // In front of the last marker, so that in the document too it is a generated part that was edited.
      const edited = before.includes('<!-- end -->')
        ? before.replace('<!-- end -->', 'edited\n<!-- end -->')
        : `${before}\n`;
      writeFileSync(path, edited);
      expect(run(script, copy, '--check')).toMatchObject({
        status: 1,
        output: expect.stringContaining('npm run generate'),
      });
      expect(readFileSync(path, 'utf8')).toBe(edited);
      expect(run(script, copy)).toMatchObject({ status: 0 });
      expect(readFileSync(path, 'utf8')).toBe(before);
    },
  );

  test('a changed schema makes bundle, types and document out of date, and the freeze and the proof refuse it', () => {
    const path = join(copy, 'schemas/v1.0/stats-response.json');
    const schema = JSON.parse(readFileSync(path, 'utf8'));
    schema.properties.stats.properties.bytes = {
      description: 'How many bytes.',
      type: 'integer',
      format: 'int64',
    };
    writeFileSync(path, JSON.stringify(schema));
    for (const script of ['bundle', 'types', 'docs', 'freeze', 'compat']) {
      expect({ script, ...run(script, copy, '--check') }).toMatchObject({ script, status: 1 });
    }
  });

  test('a new minor that is incompatible is refused, a compatible one passes', () => {
    cpSync(join(copy, 'schemas/v1.0'), join(copy, 'schemas/v1.1'), { recursive: true });
    expect(run('compat', copy)).toMatchObject({
      status: 0,
      output: expect.stringContaining('v1.0 → v1.1 is compatible'),
    });
    const path = join(copy, 'schemas/v1.1/accepted-rl-outcome.json');
    const schema = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...schema, required: [...schema.required, 'episode'] }));
    expect(run('compat', copy)).toMatchObject({
      status: 1,
      output: expect.stringContaining('episode need not be there'),
    });
  });

  test('a release is written once and never again', () => {
    cpSync(join(copy, 'schemas/v1.0'), join(copy, 'schemas/v1.1'), { recursive: true });
    expect(run('freeze', copy, '--release', 'v1.1')).toMatchObject({ status: 0 });
    expect(run('freeze', copy, '--check')).toMatchObject({
      status: 0,
      output: expect.stringContaining('v1.0, v1.1'),
    });
    appendFileSync(join(copy, 'schemas/v1.1/digest.json'), ' ');
    expect(run('freeze', copy, '--check')).toMatchObject({ status: 1 });
    expect(run('freeze', copy, '--release', 'v1.1').status).not.toBe(0);
    expect(run('freeze', copy)).toMatchObject({ status: 2, output: expect.stringContaining('usage') });
  });

  test('without pins the freeze passes nothing', () => {
    rmSync(join(copy, 'freeze.lock.json'));
    expect(run('freeze', copy, '--check')).toMatchObject({ status: 1 });
  });
});

describe('the document', () => {
  test('keeps everything outside of the markers', () => {
    const text = 'a\n<!-- generated: x 1 2 -->\nold\n<!-- end -->\nb\n';
    const filled = fillBlocks(text, (name, args) => `${name} ${args.join('+')}`);
    expect(filled).toBe('a\n<!-- generated: x 1 2 -->\nx 1+2\n<!-- end -->\nb\n');
    expect(fillBlocks(filled, (name, args) => `${name} ${args.join('+')}`)).toBe(filled);
  });

  test.each([
    '<!-- generated: x -->\nno end',
    '<!-- end -->',
    '<!-- generated: x -->\n<!-- generated: y -->\n<!-- end -->',
  ])('is refused with markers that do not pair: %j', (text) => {
    expect(() => fillBlocks(text, () => '')).toThrow('pair the markers');
  });

  test('shows any text as code and any cell as one cell', () => {
    expect(code('a')).toBe('`a`');
    expect(code('a`b')).toBe('`` a`b ``');
    expect(code('')).toBe('`""`');
    expect(code('a\nb')).toBe('`"a\\nb"`');
    expect(table(['a|b'], [['c']])).toBe('| a\\|b |\n| --- |\n| c |');
  });
});
