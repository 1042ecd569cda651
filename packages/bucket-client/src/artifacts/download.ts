import { fileURLToPath } from 'node:url';
import type { Connection } from './connection.ts';
import type { downloadOptions } from './options.ts';
import { Receiver } from './receive.ts';
import { refusal } from './rules.ts';
import { TargetFile } from './target-file.ts';
import type { Transfer } from './transfer.ts';
import type { ArtifactRef, DownloadResult, TransferProgress } from './types.ts';

/**
 * Downloads a version to a file (CONTRACT B2). The target has its name only once every byte is there, verified and
 * durable; until then what was there stays, and after a failure no temporary file is left.
 */
export async function download(
  connection: Connection,
  transfer: Transfer,
  ref: ArtifactRef,
  path: unknown,
  options: ReturnType<typeof downloadOptions>,
  tell: (progress: TransferProgress) => void,
): Promise<DownloadResult> {
  const target = await TargetFile.create(pathOf(path), options.overwrite);
  let bytes = 0;
  let total = 0;
  const receiver = new Receiver(
    connection,
    transfer,
    { ref, digest: options.digest },
    {
      begin(size) {
        bytes = 0;
        total = size;
        return target.restart();
      },
      write(piece) {
        bytes += piece.byteLength;
        tell({ phase: 'receiving', bytes, total });
        return target.write(piece);
      },
    },
  );
  try {
    const whole = await receiver.whole();
    transfer.rest();
    await target.commit();
    return whole;
  } finally {
    await target.discard();
  }
}

function pathOf(path: unknown): string {
  if (typeof path === 'string' && path !== '') return path;
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path);
  throw refusal('path', path instanceof URL ? path.href : path, 'must be the path of a file, or a file: URL');
}
