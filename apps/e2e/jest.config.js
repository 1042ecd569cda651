// What `npm test` runs: everything that needs no installed engine.
// @boundaries-ignore the workspace's one Jest set-up
import base from '../../jest.base.js';

export default {
  ...base,
  rootDir: '.',
  testPathIgnorePatterns: ['/node_modules/', '\\.(engine|packaging)\\.test\\.ts$'],
};
