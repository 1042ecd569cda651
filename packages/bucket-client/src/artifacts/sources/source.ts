import { ArtifactError } from '../../errors.ts';

/** Core's event loop is held for one piece at a time: some 0.2 ms of hashing. */
export const PIECE_BYTES = 256 * 1024;

/** The bytes of an upload, and how many they are. */
export interface Source {
  readonly size: number;
  /**
   * Of the bytes, where it has been found by reading them (a spool file), or has to be taken from the caller because
   * they can be read only once (a stream).
   */
  readonly digest: string | undefined;
  /** Whether they can be read only once. */
  readonly once: boolean;
  /**
   * The bytes from the start, exactly `size` of them, in pieces of 1 to PIECE_BYTES; a piece is valid until the next
   * one is asked for. Fails with an ArtifactError.
   */
  pieces(): AsyncIterable<Uint8Array>;
  /** Throws `source_changed` where it can be seen that the bytes are no longer those of the start. */
  assertUnchanged(): Promise<void>;
  /** Lets go of files and streams. Never rejects. */
  close(): Promise<void>;
}

export function changed(what: string, was: string | number, is: string | number): ArtifactError {
  const message = `the source changed during the upload: ${what} was ${was} and is now ${is}. Nothing was stored; upload it when nobody writes to it any more.`;
  return new ArtifactError('source_changed', message, { expected: was, found: is });
}

/** @param found what it is, in words; a value by `shown` */
export function invalidSource(found: string, must: string): ArtifactError {
  return new ArtifactError('invalid_source', `the source is ${found} but ${must}.`);
}

/** Large pieces in slices, so that none holds the event loop for long. */
export function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES);
  }
}
