const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of octets that Node gives as Latin-1 (header values, request targets); undefined where it is not UTF-8. */
export function decodeOctets(latin1: string): string | undefined {
  try {
    return UTF8.decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return undefined;
  }
}

/** The other way: a text as its UTF-8 octets, in the form in which Node takes a header value. */
export function encodeOctets(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** What a percent-encoded part of a request target stands for; undefined where it is not percent-encoded UTF-8. */
export function decodePercent(encoded: string): string | undefined {
  if (/%(?![0-9a-f]{2})/i.test(encoded)) return undefined;
  return decodeOctets(
    encoded.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    ),
  );
}
