// @boundaries-ignore the workspace's one Jest set-up
import base from '../../jest.base.js';

export default {
  ...base,
  // aliases.ts and tables.ts hold types alone; worker.ts is run by the tests too, but from dist and in a thread of its own
  collectCoverageFrom: [
    ...base.collectCoverageFrom,
    '!src/registry/aliases.ts',
    '!src/stores/sql/tables.ts',
    '!src/stores/sqlite/worker.ts',
  ],
};
