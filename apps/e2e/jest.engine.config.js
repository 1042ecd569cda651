// What `npm run engine` runs: suites that need strace, a tmpfs, python3-fastapi, a registry, or minutes.
// @boundaries-ignore the workspace's one Jest set-up
import base from '../../jest.base.js';

export default {
  ...base,
  rootDir: '.',
  testMatch: ['<rootDir>/test/**/*.engine.test.ts'],
  testTimeout: 120_000,
};
