/*
 * What has to be done for a caller's stream before the code that reads it is loaded, and in case it never is.
 */

/** A stream that fails before anybody reads it must not end the process: whoever reads it later is told. */
export function listenForErrors(source: unknown): void {
  if (isObject(source) && 'on' in source && typeof source.on === 'function')
    source.on('error', () => undefined);
}

/** Ends a stream that nobody will read to its end, so that it keeps no file open. Anything else is left alone. */
export function release(source: unknown): void {
  if (!isObject(source) || source instanceof Uint8Array) return;
  if ('destroy' in source && typeof source.destroy === 'function') source.destroy();
  else if (Symbol.asyncIterator in source && 'return' in source && typeof source.return === 'function') {
    endIterator(source.return.bind(source)); // a generator that the caller had started
  } else if (
    'cancel' in source &&
    typeof source.cancel === 'function' &&
    !('locked' in source && source.locked)
  ) {
    Promise.resolve(source.cancel()).catch(() => undefined); // it had failed before
  }
}

/** What fails in a stream's own clean-up is not the transfer's failure. */
async function endIterator(end: () => unknown): Promise<void> {
  try {
    await end();
  } catch {
    // the caller is told of the transfer's failure
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
