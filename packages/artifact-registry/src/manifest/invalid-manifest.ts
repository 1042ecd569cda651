import { TransferError } from '../transfer-error.ts';

/** The error of a manifest that cannot be true. `what` is what contradicts what. */
export function invalidManifest(
  what: string,
  parts: { readonly expected?: string | number; readonly found?: string | number },
): TransferError {
  const message = `The manifest contradicts itself: ${what}. Publish what it should hold under another version.`;
  return new TransferError('invalid_manifest', message, parts);
}
