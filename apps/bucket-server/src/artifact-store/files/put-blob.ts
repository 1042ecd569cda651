import { dirname } from 'node:path';
import { codeOf } from '../../error-words.ts';
import { type BlobClaim, BlobMismatchError } from '../object-store.ts';
import { asStoreError } from './failure.ts';
import type { FolderSync } from './folder-sync.ts';
import type { DurableFolders } from './folders.ts';
import type { PieceSource } from './piece-source.ts';
import { Upload, type UploadParts } from './upload.ts';

export type PutBlobParts = UploadParts & {
  readonly folders: DurableFolders;
  readonly folderSync: FolderSync;
};

/** Steps 1 to 4 of DESIGN "Seams", files: write, verify, fsync, rename, fsync of the folder. */
export async function putBlob(
  parts: PutBlobParts,
  target: string,
  source: PieceSource,
  claim: BlobClaim,
): Promise<{ readonly size: number }> {
  const upload = new Upload(parts, (error) => source.interrupt(error));
  let isMoved = false;
  try {
    const size = await receive(source, upload, claim);
    const found = await upload.finish();
    if (found !== claim.sha256) throw new BlobMismatchError('digest_mismatch', claim.sha256, found);
    source.throwIfInterrupted();
    await name(parts, upload, target);
    isMoved = true;
    await syncNames(parts, target);
    return { size };
  } finally {
    source.close();
    await upload.discard(isMoved);
  }
}

/** Takes all pieces in. Throws BlobMismatchError as soon as there are too many bytes, or at the end too few. */
async function receive(source: PieceSource, upload: Upload, claim: BlobClaim): Promise<number> {
  let size = 0;
  for (let piece = await source.next(); piece !== null; piece = await source.next()) {
    size += piece.length;
    if (size > claim.maxBytes) throw new BlobMismatchError('too_large', claim.maxBytes, size);
    if (size > (claim.size ?? size)) throw new BlobMismatchError('size_mismatch', claim.size ?? size, size);
    await upload.add(piece);
  }
  if (size !== (claim.size ?? size)) throw new BlobMismatchError('size_mismatch', claim.size ?? size, size);
  return size;
}

async function name({ folders }: PutBlobParts, upload: Upload, target: string): Promise<void> {
  try {
    await folders.create(dirname(target));
    await upload.moveTo(target);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') folders.forget(dirname(target));
    throw asStoreError(error, 'an upload');
  }
}

async function syncNames({ folderSync }: PutBlobParts, target: string): Promise<void> {
  try {
    await folderSync.sync(dirname(target));
  } catch (error) {
    throw asStoreError(error, 'an upload');
  }
}
