import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactError } from '../../errors.ts';
import { Sha256 } from '../sha256.ts';
import { wordsOf } from '../shown.ts';
import { writeAll } from '../write-all.ts';
import { FileSource } from './file-source.ts';
import type { Source } from './source.ts';
import type { ByteStream } from './stream-source.ts';

/**
 * Writes a stream to a file without a name, and gives the file as the source. The name is gone as soon as the file is
 * open, so the disk has its room back when the process ends, however that comes about.
 * @param folder `true` for the system's folder for temporary files
 * @param seen is told how many bytes there are so far; what it throws ends the spooling
 */
export async function spool(
  stream: ByteStream,
  folder: string | true,
  seen: (bytes: number) => void,
): Promise<Source> {
  const file = await openNameless(folder === true ? tmpdir() : folder);
  try {
    const hash = new Sha256();
    let bytes = 0;
    for await (const piece of stream.pieces()) {
      hash.update(piece);
      await writeAll(file, piece, bytes).catch(failSpool);
      bytes += piece.byteLength;
      seen(bytes);
    }
    return await FileSource.of(file, hash.digest());
  } catch (error) {
    await file.close();
    throw error;
  } finally {
    stream.cancel();
  }
}

async function openNameless(folder: string): Promise<FileHandle> {
  const path = join(folder, `bhiv-spool-${randomUUID()}`);
  try {
    const file = await open(path, 'wx+', 0o600);
    await unlink(path);
    return file;
  } catch (cause) {
    return failSpool(cause);
  }
}

function failSpool(cause: unknown): never {
  const message = `the spool file cannot be written: ${wordsOf(cause)}. Give spool a folder with room, or the stream its digest and size.`;
  throw new ArtifactError('spool_failed', message, { cause });
}
