/** The code of an error of the system or of ours (`ENOSPC`, `closed`), or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The words of an error without the paths that Node puts at the end of those of the system: for a client to see. */
export function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return /^E[A-Z0-9]+: /.test(message) ? message.replace(/ '.*$/s, '') : message;
}

/** The words of an error, whatever was thrown (in Jest an error of another realm is not `instanceof Error`). */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}
