import { describe, expect } from '@jest/globals';
import { operations } from '../src/artifacts/fault-operations.ts';
import { type Errno, sweepFaults } from '../src/artifacts/fault-sweep.ts';
import { straceMissing } from '../src/durability/strace.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { engineTest } from './engine-test.ts';

const OTHERS: readonly Errno[] = ['EIO', 'EMFILE', 'EACCES'];

/** Every call fails once as a full disk does, and once in one of the other ways; `npm run soak -- faults` tries all. */
function faultsOf(index: number): readonly Errno[] {
  return ['ENOSPC', OTHERS[index % OTHERS.length] ?? 'EIO'];
}

/** What an upload must do before it is answered; to have missed one would make the sweep worth less. */
const CALLS_OF_AN_UPLOAD = [
  ...[
    'mkdir blobs/sha256/ab',
    'fsync blobs/sha256',
    'openat tmp/*',
    'fsync tmp/*',
    'rename blobs/sha256/ab/*',
  ],
  ...[
    'fsync blobs/sha256/ab',
    'mkdir refs/b',
    'fsync refs',
    'mkdir refs/b/a',
    'fsync refs/b',
    'pwrite64 tmp/*',
  ],
  ...['link refs/b/a/*', 'fsync refs/b/a', 'unlink tmp/*'],
];

describe('every file-system call fails in turn', () => {
  for (const operation of operations) {
    engineTest(
      `in ${operation.title}: the right answer, nothing half-done, and it works again`,
      straceMissing(),
      async () => {
        const summary = await withTempFolder((folder) => sweepFaults({ folder, operation, faultsOf }));
        expect(summary.broken).toEqual([]);
        expect(summary.missed).toEqual([]);
        if (operation.title === 'a download') return;
        const failed = new Set(summary.faults.map((fault) => fault.replace(/^\w+ (.*) #\d+$/, '$1')));
        expect(CALLS_OF_AN_UPLOAD.filter((call) => !failed.has(call))).toEqual([]);
        expect(Object.keys(summary.statuses)).toEqual(['201', '503', '507']);
      },
    );
  }
});
