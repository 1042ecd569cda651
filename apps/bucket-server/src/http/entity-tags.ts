/** The entity tags of an If-Match or If-None-Match header as they stand there, `W/` included; `*` stands for any. */
export function entityTags(header: string): '*' | readonly string[] {
  if (header.trim() === '*') return '*';
  return header.match(/(?:W\/)?"[^"]*"/g) ?? [];
}

/** Whether a list has the tag, where weak and strong are the same (RFC 9110, 8.8.3.2): for If-None-Match. */
export function hasWeakly(tags: '*' | readonly string[], tag: string): boolean {
  return tags === '*' || tags.some((candidate) => candidate.replace(/^W\//, '') === tag);
}

/** Whether a list has the tag itself, and not a weak one: for If-Match and If-Range. */
export function hasStrongly(tags: '*' | readonly string[], tag: string): boolean {
  return tags === '*' || tags.includes(tag);
}
