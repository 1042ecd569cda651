import { shown } from '../shown.ts';
import { TransferError } from '../transfer-error.ts';

/** Bytes in Bucket that are not what a manifest says. */
export interface Damage {
  readonly artifactId: string;
  readonly version: string;
  /** Where in the pack, in bytes. */
  readonly offset: number;
  readonly length: number;
  /** The files of the manifest that they belong to; none where they belong to other versions alone. */
  readonly paths: readonly string[];
  readonly expected: string | undefined;
  readonly found: string | undefined;
}

export function damaged(damage: Damage): TransferError {
  const { artifactId, version, offset, length, paths, expected, found } = damage;
  return new TransferError('digest_mismatch', wordsOf(damage), {
    ...{ expected, found },
    details: { artifactId, version, offset, length, paths },
  });
}

export function wordsOf({ artifactId, version, offset, length, paths, expected, found }: Damage): string {
  const more = paths.length > 1 ? ` and ${paths.length - 1} more files` : '';
  const files = paths.length > 0 ? `, and with them ${shown(paths[0])}${more}` : '';
  return `${length} bytes of ${artifactId} ${version}, from byte ${offset} on, are damaged${files}: they have the digest ${found}, and the manifest says ${expected}. \`bucket-server fsck\` tells whether they are in Bucket, or became so on the way.`;
}
