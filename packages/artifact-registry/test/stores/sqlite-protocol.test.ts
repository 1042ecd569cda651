import { expect, test } from '@jest/globals';
import { RegistryError, RegistryOpenError } from '../../src/registry/errors.ts';
import { asError, asFailure } from '../../src/stores/sqlite/protocol.ts';

const carried = (error: unknown) => asError(structuredClone(asFailure(error)));

test('errors of the registry come out of the worker thread as they went in', () => {
  const call = new RegistryError('store_full', 'The disk is full.', { found: 'SQLITE_FULL' });
  expect(carried(call)).toEqual(call);
  expect(carried(call)).toMatchObject({ code: 'store_full', found: 'SQLITE_FULL' });
  const open = new RegistryOpenError('newer_schema', 'It is newer.', { expected: 1, found: 2 });
  expect(carried(open)).toEqual(open);
  expect(carried(open)).toMatchObject({
    name: 'RegistryOpenError',
    code: 'newer_schema',
    expected: 1,
    found: 2,
  });
});

test('any other error comes out with its words', () => {
  expect(carried(new TypeError('a fault'))).toMatchObject({ code: 'store_failed', message: 'a fault' });
  expect(carried('thrown text')).toMatchObject({ code: 'store_failed', message: 'thrown text' });
});
