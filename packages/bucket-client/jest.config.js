// @boundaries-ignore the workspace's one Jest set-up
import base from '../../jest.base.js';

export default {
  ...base,
  // messages.ts holds types alone; worker.ts is run by the tests too, but from dist and in a thread of its own
  collectCoverageFrom: [...base.collectCoverageFrom, '!src/shared/messages.ts', '!src/sender/worker.ts'],
  coverageThreshold: { global: { lines: 100 } },
};
