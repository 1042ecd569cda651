import { stripVTControlCharacters } from 'node:util';

/** Passed, failed and skipped tests, added up over packages. What is marked as to do counts as skipped. */
export class Totals {
  passed = 0;
  failed = 0;
  skipped = 0;
  /** The names of the packages that reported. */
  packages = new Set();

  /** Takes a line of turbo's output; only Jest's last word on a package counts: `@bhiv/x:test: Tests: ...`. */
  readJest(line) {
    const match = /^(\S+):(?:test|engine|packaging): Tests: +(.+), \d+ total$/.exec(
      stripVTControlCharacters(line).trimEnd(),
    );
    if (match === null) return;
    this.packages.add(match[1]);
    for (const [, count, outcome] of match[2].matchAll(/(\d+) (passed|failed|skipped|todo)/g)) {
      this[outcome === 'todo' ? 'skipped' : outcome] += Number(count);
    }
  }

  /** Takes a line of a script that closes with `N passed, N failed`. */
  readPlain(line) {
    const match = /^(\d+) passed, (\d+) failed$/.exec(stripVTControlCharacters(line).trimEnd());
    if (match === null) return;
    this.passed += Number(match[1]);
    this.failed += Number(match[2]);
  }

  /** Takes a line of `node --test`'s spec reporter: its closing `ℹ pass 3`. */
  readNodeTest(line) {
    const match = /^ℹ (pass|fail|cancelled|skipped|todo) (\d+)$/.exec(
      stripVTControlCharacters(line).trimEnd(),
    );
    if (match === null) return;
    const outcome = {
      pass: 'passed',
      fail: 'failed',
      cancelled: 'failed',
      skipped: 'skipped',
      todo: 'skipped',
    }[match[1]];
    this[outcome] += Number(match[2]);
  }

  toString() {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
  }
}
