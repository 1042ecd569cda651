import { expect, test } from '@jest/globals';
import { readArguments, UsageError } from '../src/arguments.ts';

const KNOWN = ['calls', 'memory', 'reads'];

test('without names everything is run', () => {
  expect(readArguments([], KNOWN)).toEqual({
    names: KNOWN,
    quick: false,
    write: false,
    page: false,
    help: false,
  });
});

test('names are run in the order in which they are listed', () => {
  expect(readArguments(['reads', '--quick', 'calls'], KNOWN)).toMatchObject({
    names: ['calls', 'reads'],
    quick: true,
  });
});

test.each([
  [['memry'], 'There is no measurement memry: use calls, memory, reads.'],
  [['--fast'], "Unknown option '--fast'"],
  [['--quick', '--write'], 'Quick figures are not for quoting: use --write without --quick.'],
])('%j is told what can be done instead', (args, message) => {
  expect(() => readArguments(args, KNOWN)).toThrow(UsageError);
  expect(() => readArguments(args, KNOWN)).toThrow(message);
});
