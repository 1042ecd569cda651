import { expect, test } from '@jest/globals';
import { inPieces, sampleBlob } from '../../src/artifact-store/conformance/samples.ts';
import { createArtifactStore } from '../../src/artifact-store/create-artifact-store.ts';
import { openFileObjectStore } from '../../src/artifact-store/files/open.ts';
import { type HashJob, HashThreads } from '../../src/artifact-store/hashing/hash-threads.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

/** The real threads, with a count of the jobs that they were given. */
class CountedThreads extends HashThreads {
  jobs = 0;

  override start(): HashJob {
    this.jobs += 1;
    return super.start();
  }
}

test('threads that hash, given to both stores, do the work of both and outlive them', async () => {
  const { folder, remove } = await tempFolder();
  const onWorkerDeath = (error: Error) => {
    throw error;
  };
  const hashing = new CountedThreads(onWorkerDeath);
  const objects = await openFileObjectStore({ folder, onWorkerDeath, hashing });
  const artifacts = createArtifactStore(objects, { maxArtifactBytes: 1e9, onWorkerDeath, hashing });
  try {
    const { claim, bytes } = sampleBlob(300_000);
    const about = { createdAt: '2024-05-06T07:08:09Z', uploadedBy: 'trainer', provenanceSource: 'run' };
    const { metadata } = await artifacts.put(
      { bucketId: 'b', artifactId: 'a', version: '1' },
      { ...about, digest: `sha256:${claim.sha256}`, size: bytes.length },
      inPieces(bytes),
    );
    expect(hashing.jobs).toBe(1);
    const { pieces } = await artifacts.open(metadata, { verify: true });
    for await (const piece of pieces) expect(piece.length).toBeGreaterThan(0);
    expect(hashing.jobs).toBe(2);
    const job = hashing.start();
    await job.update(Buffer.from('abc'));
    await artifacts.close();
    expect(await job.digest()).toMatch(/^ba7816bf/);
  } finally {
    await artifacts.close();
    await hashing.close();
    await remove();
  }
});
