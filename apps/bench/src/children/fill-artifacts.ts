// Fills a data folder with versions of one artifact through the object store that Bucket itself opens: the files are
// the ones that Bucket makes, each version with a blob of its own.
import { createHash } from 'node:crypto';
import type { ObjectStore } from '@bhiv/bucket-server/artifact-store';
import type { ArtifactMetadata } from '@bhiv/contracts';
import { inTurns } from '../load/in-turns.ts';
import { perform, type Task } from '../processes/child.ts';

export type FillArtifacts = Task<
  {
    readonly folder: string;
    readonly bucketId: string;
    readonly artifactId: string;
    readonly versions: number;
  },
  { readonly seconds: number }
>;

type OpenStore = (options: { folder: string }) => Promise<ObjectStore>;

/** Versions on their way at once. */
const LANES = 16;

await perform<FillArtifacts>(async ({ folder, bucketId, artifactId, versions }, say) => {
  const start = performance.now();
  const store = await openStore(folder);
  const numbers = Array.from({ length: versions }, (_, i) => i);
  await inTurns(numbers.slice(0, LANES), numbers, async (_lane, i) => {
    const bytes = Buffer.from(`what version ${i} holds`);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const size = bytes.length;
    const metadata: ArtifactMetadata = {
      bucket_id: bucketId,
      artifact_id: artifactId,
      version: `v${i}`,
      digest: `sha256:${sha256}`,
      size_bytes: size,
      created_at: new Date().toISOString(),
      uploaded_by: 'bench',
      provenance_source: 'bench',
    };
    // The layout that object-store.ts of bucket-server draws.
    await store.putBlob(`blobs/sha256/${sha256.slice(0, 2)}/${sha256}`, once(bytes), {
      sha256,
      size,
      maxBytes: size,
    });
    const ref = `refs/${bucketId}/${artifactId}/${metadata.version}.json`;
    await store.createRef(ref, Buffer.from(JSON.stringify(metadata)));
    if (i % 10_000 === 0) say(`${i.toLocaleString('en')} versions stored`);
  });
  await store.close();
  return { seconds: (performance.now() - start) / 1000 };
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function openStore(folder: string): Promise<ObjectStore> {
  const url = new URL(
    'dist/artifact-store/files/open.js',
    import.meta.resolve('@bhiv/bucket-server/package.json'),
  );
  // The package keeps this module to itself; its type is the one in the server's sources.
  const { openFileObjectStore } = (await import(url.href)) as { openFileObjectStore: OpenStore };
  return openFileObjectStore({ folder });
}
