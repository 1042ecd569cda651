import { createHash } from 'node:crypto';
import { shown } from '../shown.ts';
import { RegistryError } from './errors.ts';
import { countOf } from './names.ts';

export interface PageOptions {
  /**
   * The most entries of the page, from 1 to 500. A page ends earlier where its metadata is large.
   * @default 100
   */
  readonly limit?: number | undefined;
  /** The `cursor` of the page before, from the same call with the same conditions. @default the first page */
  readonly cursor?: string | null | undefined;
}

const DEFAULT_LIMIT = 100;
/** More would hold the event loop of the caller too long while it is put together. */
const MAX_LIMIT = 500;

export function limitOf(limit: unknown): number {
  return limit === undefined ? DEFAULT_LIMIT : countOf('limit', limit, { from: 1, to: MAX_LIMIT });
}

/**
 * Text that stands for a position in one listing. It carries a mark of the listing that it belongs to, so that it is
 * never used in another by mistake; it is no secret and not signed.
 */
export function encodeCursor(listing: readonly unknown[], position: readonly unknown[]): string {
  return Buffer.from(JSON.stringify([markOf(listing), ...position])).toString('base64url');
}

/**
 * The position in a cursor of the same listing, read by `read` (undefined for what is none); undefined for no cursor.
 * Throws RegistryError `invalid_cursor`.
 */
export function decodeCursor<Position>(
  listing: readonly unknown[],
  cursor: unknown,
  read: (position: readonly unknown[]) => Position | undefined,
): Position | undefined {
  if (cursor === undefined || cursor === null) return undefined;
  const [mark, ...parts] = partsOf(cursor);
  const position = mark === markOf(listing) ? read(parts) : undefined;
  if (position !== undefined) return position;
  const message = `cursor ${shown(cursor)} is not of this listing: use the cursor of its own last page, with the same conditions, or none to begin anew.`;
  throw new RegistryError('invalid_cursor', message, { found: shown(cursor) });
}

function partsOf(cursor: unknown): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(String(cursor), 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return []; // what is not JSON is no cursor
  }
}

function markOf(listing: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(listing)).digest('base64url').slice(0, 8);
}
