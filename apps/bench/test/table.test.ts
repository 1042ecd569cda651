import { describe, expect, test } from '@jest/globals';
import { isMet, type Row, rowBeside, rowOf } from '../src/row.ts';
import { goalTable, resultTable } from '../src/table.ts';

const slow: Row = rowOf({ what: 'a read', unit: 'ms', goal: { on: 'figure', atMost: 5 } }, [7, 7, 7]);
const ratioRow = (atMost: number): Row =>
  rowBeside({ what: 'a call', unit: 'µs', goal: { on: 'ratio', atMost } }, [1.2, 1.25, 1.3], {
    what: 'JSON.stringify',
    rounds: [1, 1, 1],
  });

describe('goals', () => {
  test('are kept or missed by the median, of the figure or of the ratio', () => {
    expect(isMet(ratioRow(1.3))).toBe(true);
    expect(isMet(ratioRow(1.2))).toBe(false);
    expect(isMet(slow)).toBe(false);
    expect(isMet(rowOf({ what: 'rate', unit: '/s', goal: { on: 'figure', atLeast: 10 } }, [9]))).toBe(false);
    expect(isMet(rowOf({ what: 'rate', unit: '/s', goal: { on: 'figure', atLeast: 10 } }, [11]))).toBe(true);
  });

  test('a row without one is not judged, and a figure that is not there keeps none', () => {
    expect(isMet(rowOf({ what: 'informs', unit: 'ms' }, [1]))).toBeUndefined();
    expect(isMet(rowOf({ what: 'empty', unit: 'ms', goal: { on: 'figure', atMost: 5 } }, []))).toBe(false);
    expect(isMet(rowOf({ what: 'alone', unit: 'ms', goal: { on: 'ratio', atMost: 5 } }, [1]))).toBe(false);
  });
});

test('a table shows figure, reference and ratio with their spread, the goal and whether it is met', () => {
  expect(resultTable([ratioRow(1.3), slow]).split('\n')).toEqual([
    '| what | figure | reference | ratio | goal | met |',
    '| --- | --- | --- | --- | --- | --- |',
    '| a call | 1.25 µs (1.23 to 1.27) | JSON.stringify: 1 µs | 1.25 × (1.23 to 1.27) | ≤ 1.30 × | yes |',
    '| a read | 7 ms |  |  | ≤ 5 ms | **no** |',
  ]);
});

test('figures have three significant digits and thousands in groups', () => {
  const shown = (value: number) =>
    resultTable([rowOf({ what: '', unit: '/s' }, [value])])
      .split('\n')[2]
      ?.split(' | ')[1];
  expect([0.01234, 0.1234, 1.234, 12.34, 123.4, 1234567, 3].map(shown)).toEqual(
    ['0.012', '0.12', '1.23', '12.3', '123', '1,234,567', '3'].map((text) => `${text}/s`),
  );
});

test('a cell cannot break its table', () => {
  expect(resultTable([rowOf({ what: 'a|b\nc', unit: '' }, [1])])).toContain('| a\\|b c | 1 |');
});

test('the table of goals leaves out what only informs', () => {
  const results = [
    { name: 'reads', rows: [slow, rowOf({ what: 'informs', unit: 'ms' }, [1])] },
    { name: 'calls', rows: [ratioRow(1.3)] },
  ];
  expect(goalTable(results).split('\n').slice(2)).toEqual([
    '| reads | a read | 7 ms | ≤ 5 ms | **no** |',
    '| calls | a call | 1.25 × (1.23 to 1.27) | ≤ 1.30 × | yes |',
  ]);
});
