// Uploads files with the client, all at once, and tells how much the process grew by that.
import { setTimeout as sleep } from 'node:timers/promises';
import { BucketClient } from '@bhiv/bucket-client';
import { perform, type Task } from '../processes/child.ts';
import { forgetPeak, residentMemory } from '../resident-memory.ts';

export interface ClientUploadsInput {
  readonly url: string;
  /** Paths, each of which becomes an artifact. */
  readonly files: readonly string[];
}

export interface ClientUploadsResult {
  /** Resident bytes at the peak beyond those before the client was made. */
  readonly growth: number;
  readonly ms: number;
}

export type ClientUploads = Task<ClientUploadsInput, ClientUploadsResult>;

await perform<ClientUploads>(async ({ url, files }) => {
  await sleep(200);
  const before = residentMemory('self').now;
  forgetPeak('self');
  const start = performance.now();
  const client = new BucketClient({ url });
  await Promise.all(
    files.map((file, i) =>
      client.uploadArtifact(
        {
          bucketId: 'bench',
          artifactId: `file-${i}`,
          version: '1',
          uploadedBy: 'bench-machine',
          provenanceSource: 'bench-run',
        },
        file,
      ),
    ),
  );
  const ms = performance.now() - start;
  await client.close();
  return { growth: residentMemory('self').peak - before, ms };
});
