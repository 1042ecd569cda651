/** For the tests of those who depend on the client: a Bucket in memory, on a real port, that can be told to fail. */
export type { TestArtifact } from './artifact-shelf.ts';
export {
  type Fault,
  startTestBucket,
  type TestBucket,
  type TestBucketOptions,
  type TestEvent,
} from './test-bucket.ts';
