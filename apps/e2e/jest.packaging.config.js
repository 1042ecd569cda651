// What `npm run packaging` runs: the packed packages, installed from the registry into empty projects.
// @boundaries-ignore the workspace's one Jest set-up
import base from '../../jest.base.js';

export default {
  ...base,
  rootDir: '.',
  testMatch: ['<rootDir>/test/**/*.packaging.test.ts'],
  testTimeout: 300_000,
};
