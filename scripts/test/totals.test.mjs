import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Totals } from '../lib/totals.mjs';

test("adds up Jest's closing lines over packages, as turbo prints them, coloured or not", () => {
  const totals = new Totals();
  totals.readJest('@bhiv/contracts:test: Tests:       12 passed, 12 total');
  totals.readJest(
    '@bhiv/e2e:test: \u001b[1mTests:       \u001b[22m\u001b[1m\u001b[31m1 failed\u001b[39m\u001b[22m, 2 skipped, 3 todo, 4 passed, 10 total',
  );
  assert.equal(`${totals}`, '16 passed, 1 failed, 5 skipped');
  assert.deepEqual([...totals.packages], ['@bhiv/contracts', '@bhiv/e2e']);
});

test('takes nothing else for a result', () => {
  const totals = new Totals();
  for (const line of [
    '@bhiv/e2e:test: Test Suites: 3 passed, 3 total',
    '@bhiv/e2e:test:     Tests:       3 passed, 3 total',
    '@bhiv/e2e:build: Tests: 3 passed, 3 total',
    'Tests: 3 passed, 3 total',
  ]) {
    totals.readJest(line);
  }
  assert.equal(`${totals}`, '0 passed, 0 failed, 0 skipped');
});

test("adds node --test's closing lines", () => {
  const totals = new Totals();
  for (const line of ['ℹ tests 9', 'ℹ pass 4', 'ℹ fail 1', 'ℹ cancelled 1', 'ℹ skipped 2', 'ℹ todo 1']) {
    totals.readNodeTest(line);
  }
  assert.equal(`${totals}`, '4 passed, 2 failed, 3 skipped');
});
