import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BucketClient } from '@bhiv/bucket-client';
import { expect, test } from '@jest/globals';
import { download } from '../src/artifacts/download.ts';
import { realFiles } from '../src/artifacts/real-files.ts';
import { upload } from '../src/artifacts/upload.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { withBucket } from '../src/processes/with-bucket.ts';

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest('hex')}`;
}

/** Uploads a file whole, chunked and by the client, and holds every copy that comes back against it. */
async function thereAndBack(url: string, folder: string, { id, path }: { id: string; path: string }) {
  await using client = new BucketClient({ url });
  const digest = await digestOfFile(path);
  const { size } = await stat(path);
  const names = { bucketId: 'real-files', artifactId: id };

  for (const [version, length] of Object.entries({ whole: size, chunked: undefined })) {
    const name = { ...names, version };
    const body = createReadStream(path);
    const { status } = await upload(url, { name, digest, size: length, body });
    expect(status).toBe(201);
    expect(await download(url, name)).toMatchObject({ status: 200, endedWell: true, digest, size });
  }

  const ref = { ...names, version: 'client' };
  const sent = await client.uploadArtifact(
    { ...ref, uploadedBy: 'e2e', provenanceSource: 'tests of apps/e2e' },
    path,
  );
  expect(sent).toMatchObject({ alreadyStored: false, metadata: { digest, size_bytes: size } });
  const copy = join(folder, id);
  expect(await client.downloadArtifact(ref, copy)).toEqual({ digest, size });
  expect(await digestOfFile(copy)).toBe(digest);
}

test.each(realFiles())(
  '$what: every file goes up and comes down identical, by plain HTTP and by the client',
  ({ files }) =>
    withTempFolder((folder) =>
      withBucket({ dataDir: join(folder, 'data') }, async ({ url }) => {
        expect(files).not.toEqual([]);
        for (const file of files) await thereAndBack(url, folder, file);
      }),
    ),
);
