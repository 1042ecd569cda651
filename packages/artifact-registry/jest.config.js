// @boundaries-ignore the workspace's one Jest set-up
import base from '../../jest.base.js';

export default {
  ...base,
  // aliases.ts, tables.ts and host.ts hold types alone; the worker.ts are run by the tests too, but from dist and in
  // threads of their own
  collectCoverageFrom: [
    ...base.collectCoverageFrom,
    '!src/registry/aliases.ts',
    '!src/stores/sql/tables.ts',
    '!src/stores/sqlite/worker.ts',
    '!src/thread/host.ts',
    '!src/thread/worker.ts',
  ],
};
