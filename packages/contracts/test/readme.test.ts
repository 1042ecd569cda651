import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { packageFolder } from './vectors.ts';

const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/```js\n(.+?)```\n\nprints\n\n```text\n(.+?)```/gs)].map(
  ([, code = '', printed = '']) => ({ code, printed }),
);

test('the README has examples that print something', () => {
  expect(examples.length).toBe(2);
});

test.each(examples)('an example of the README prints what it says', ({ code, printed }) => {
  // From the folder of the package, so that it is imported by its own name, from dist/, as an outsider would.
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: packageFolder,
    encoding: 'utf8',
  });
  expect(output).toBe(printed);
});
