// One transfer by the client, as a program would do it: plain, or by the registry's publish and fetch. Tells how long
// it took, how many requests it made, and how large the process was at its peak.
import { subscribe } from 'node:diagnostics_channel';
import { fetch, publish, readManifest } from '@bhiv/artifact-registry';
import { BucketClient } from '@bhiv/bucket-client';
import { perform, type Task } from '../processes/child.ts';
import { residentMemory } from '../resident-memory.ts';

export interface ClientTransferInput {
  readonly what: 'publish' | 'fetch' | 'upload' | 'download';
  readonly url: string;
  /** The file or the folder that is sent; the file that is downloaded to, the folder that is fetched into. */
  readonly path: string;
  readonly version: string;
  /** What `publish` builds on: a version that was published before. */
  readonly earlier?: string;
}

export interface ClientTransferResult {
  readonly ms: number;
  readonly requests: number;
  /** The most resident bytes there were since the start of the process. */
  readonly peak: number;
  /** Bytes of the manifest that was published. */
  readonly manifest?: number;
}

export type ClientTransfer = Task<ClientTransferInput, ClientTransferResult>;

const PUBLISHED = { bucketId: 'bench', artifactId: 'published' };
const PLAIN = { bucketId: 'bench', artifactId: 'plain' };
const ACTORS = { uploadedBy: 'bench-machine', provenanceSource: 'bench-run' };

await perform<ClientTransfer>(async (input) => {
  let requests = 0;
  subscribe('http.client.request.start', () => {
    requests++;
  });
  const client = new BucketClient({ url: input.url });
  const start = performance.now();
  const manifest = await transfer(client, input);
  const ms = performance.now() - start;
  await client.close();
  return { ms, requests, peak: residentMemory('self').peak, ...(manifest !== undefined && { manifest }) };
});

/** Gives the size of the manifest, where one was published. */
async function transfer(
  client: BucketClient,
  { what, path, version, earlier }: ClientTransferInput,
): Promise<number | undefined> {
  if (what === 'upload') await client.uploadArtifact({ ...PLAIN, ...ACTORS, version }, path);
  else if (what === 'download') await client.downloadArtifact({ ...PLAIN, version }, path);
  else if (what === 'fetch') await fetch({ transport: client, ...PUBLISHED, version }, path);
  else {
    const { bucketId, artifactId: logicalId } = PUBLISHED;
    const built = async () =>
      earlier === undefined
        ? []
        : [await readManifest({ transport: client, ...PUBLISHED, version: earlier })];
    const place = { bucketId, logicalId, version };
    const { size } = await publish({
      transport: client,
      ...place,
      ...ACTORS,
      source: path,
      earlier: built,
    });
    return size;
  }
  return undefined;
}
