// System calls on plain descriptors as promises. (FileHandle costs more, and closes itself behind our back.)
import { close, constants, fstat, open, read, stat, unlink, write } from 'node:fs';
import { promisify } from 'node:util';

/** Files are for the user who runs Bucket. */
export const FILE_MODE = 0o600;
export const FOLDER_MODE = 0o700;

/** How files are opened that are read. A FIFO in the place of one would otherwise hold a thread for good. */
export const READ_ONLY = constants.O_RDONLY | constants.O_NONBLOCK;

export const openFile = promisify(open);
export const closeFile = promisify(close);
export const statFile = promisify(stat);
export const statOpenFile = promisify(fstat);
export const unlinkFile = promisify(unlink);

/** How many bytes were read into `bytes`: 0 at the end of the file. */
export function readAt(descriptor: number, bytes: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, bytes, 0, bytes.length, position, (error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
}

/** Writes all of `bytes`, in as many calls as it takes. */
export async function writeAllAt(descriptor: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += await writeAt(descriptor, bytes.subarray(done), position + done);
}

function writeAt(descriptor: number, bytes: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, 0, bytes.length, position, (error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
}
