import type { ArtifactRef } from './artifact-store.ts';

const BLOBS = 'blobs/sha256/';
const REFS = 'refs/';

const SHA256 = /^[0-9a-f]{64}$/;
const ID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,255}$/;
const VERSION = /^(?!\.{1,2}$)(?! )[\x20-\x7e]{1,100}(?<! )$/;
const NOT_IN_A_VERSION = /[/\\:*?"<>|]/;

/** What a key of the layout names. */
export type Key =
  | { readonly kind: 'blob'; readonly sha256: string }
  | { readonly kind: 'ref'; readonly ref: ArtifactRef };

/** The key of the bytes with this digest: 64 hex digits in lower case. */
export function blobKey(sha256: string): string {
  return `${BLOBS}${sha256.slice(0, 2)}/${sha256}`;
}

export function refKey({ bucketId, artifactId, version }: ArtifactRef): string {
  return `${refPrefix(bucketId, artifactId)}${version}.json`;
}

/** What the keys of all versions of an artifact begin with. */
export function refPrefix(bucketId: string, artifactId: string): string {
  return `${REFS}${bucketId}/${artifactId}/`;
}

/** The 256 prefixes under which all blobs lie, in order. */
export function blobPrefixes(): string[] {
  return Array.from({ length: 256 }, (_, number) => `${BLOBS}${number.toString(16).padStart(2, '0')}/`);
}

/** null for what is no key of the layout. Names are held to CONTRACT B, so no key leads out of its folder. */
export function parseKey(key: string): Key | null {
  const segments = key.split('/');
  if (key.startsWith(BLOBS)) {
    const sha256 = segments[3] ?? '';
    return SHA256.test(sha256) && key === blobKey(sha256) ? { kind: 'blob', sha256 } : null;
  }
  const [, bucketId = '', artifactId = '', name = ''] = segments;
  if (!key.startsWith(REFS) || segments.length !== 4 || !name.endsWith('.json')) return null;
  const version = name.slice(0, -'.json'.length);
  const isWithinRules =
    ID.test(bucketId) && ID.test(artifactId) && VERSION.test(version) && !NOT_IN_A_VERSION.test(version);
  return isWithinRules ? { kind: 'ref', ref: { bucketId, artifactId, version } } : null;
}

/** Whether the names could be those of an artifact: nothing else is ever made into a path. */
export function isRefPrefix(prefix: string): boolean {
  const [root, bucketId = '', artifactId = '', rest] = prefix.split('/');
  return `${root}/` === REFS && ID.test(bucketId) && ID.test(artifactId) && rest === '';
}

/** Whether the ref of a version may have this file name. */
export function isRefName(name: string): boolean {
  return isRefKey(`${REFS}b/a/${name}`);
}

/** A key in words that a client knows. */
export function describeKey(key: string): string {
  const parsed = parseKey(key);
  if (parsed === null) return key;
  if (parsed.kind === 'blob') return `sha256:${parsed.sha256}`;
  const { bucketId, artifactId, version } = parsed.ref;
  return `version ${JSON.stringify(version)} of ${bucketId}/${artifactId}`;
}

export function isRefKey(key: string): boolean {
  return parseKey(key)?.kind === 'ref';
}

/** Whether keys of the layout can begin so, up to a slash. */
export function isKeyPrefix(prefix: string): boolean {
  const [root = '', ...names] = prefix.slice(0, -1).split('/');
  return prefix.endsWith('/') && ['blobs', 'refs'].includes(root) && names.every((name) => ID.test(name));
}
