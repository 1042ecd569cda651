/** Bytes from `start`, up to but not including `end`. */
type ByteRange = { readonly start: number; readonly end: number };

/**
 * The stretch of `size` bytes that a Range header asks for (RFC 9110, 14.1.2): `from-to`, `from-` or `-last`.
 * undefined: the header is to be ignored and the whole is sent, because it is malformed, in another unit, asks for
 * several ranges (which a server may ignore), or for the last bytes of nothing.
 */
export function parseRange(header: string, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, from, to] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header) ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  if (from === '') return suffix(Number(to), size);
  const start = Number(from);
  if (to !== '' && Number(to) < start) return undefined;
  if (start >= size) return 'unsatisfiable';
  return { start, end: to === '' ? size : Math.min(Number(to) + 1, size) };
}

function suffix(length: number, size: number): ByteRange | 'unsatisfiable' | undefined {
  if (length === 0) return 'unsatisfiable';
  if (size === 0) return undefined;
  return { start: Math.max(0, size - length), end: size };
}
