// @boundaries-ignore the workspace's one Jest set-up
import base from '../../jest.base.js';

export default {
  ...base,
  // messages.ts and types.ts hold types alone; worker.ts is run by the tests too, but from dist and in its own thread
  collectCoverageFrom: [
    ...base.collectCoverageFrom,
    '!src/shared/messages.ts',
    '!src/artifacts/types.ts',
    '!src/sender/worker.ts',
  ],
  coverageThreshold: { global: { lines: 100 } },
};
