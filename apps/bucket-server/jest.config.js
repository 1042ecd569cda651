// @boundaries-ignore the workspace's one Jest set-up
import base from '../../jest.base.js';

// With `npm test -- --coverage`, every line of the event routes and of what carries them must have run.
export default {
  ...base,
  rootDir: import.meta.dirname,
  collectCoverageFrom: [
    'src/**/*.ts',
    // Runs in processes of its own, which the tests start:
    '!src/{main,bucket,logger,log-sink}.ts',
    // Runs in worker threads, which the tests start through the store:
    '!src/event-store/sqlite/{database,encoding,insert,reader,reader-worker,transaction,worker-serve,writer,writer-worker}.ts',
    // Types alone:
    '!src/routes/dependencies.ts',
    '!src/event-store/sqlite/worker-protocol.ts',
  ],
  coverageThreshold: {
    './src/routes/': { lines: 100 },
    './src/http/': { lines: 100 },
    './src/events/': { lines: 100 },
    './src/json/': { lines: 100 },
  },
};
