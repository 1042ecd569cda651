import { shown } from '../shown.ts';
import type { Registration, SearchPosition, SearchQuery, VersionRef } from '../stores/registry-store.ts';
import { RegistryError } from './errors.ts';
import { metadataText } from './metadata.ts';
import {
  actorOf,
  artifactNameOf,
  countOf,
  digestOf,
  logicalIdOf,
  oneOf,
  prefixOf,
  refusal,
  tagsOf,
  timestampOf,
  versionOf,
} from './names.ts';
import { decodeCursor, limitOf } from './paging.ts';
import type { NewVersion, VersionQuery } from './versions.ts';

/** How many tags a version may have. */
export const MAX_TAGS = 100;
/** How many parents a version may have. */
const MAX_PARENTS = 100;

const KINDS = ['artifact', 'manifest'] as const;

/** A version as it will be stored; its parents are resolved already. Throws RegistryError that names the bad field. */
export function checkNewVersion(
  given: NewVersion,
  { parents, now, actor }: { parents: readonly VersionRef[]; now: string; actor: string | undefined },
): Registration {
  const registration: Registration = {
    ...checkRef(given),
    bucketId: artifactNameOf('bucketId', given.bucketId),
    artifactId: artifactNameOf('artifactId', given.artifactId),
    digest: digestOf('digest', given.digest),
    sizeBytes: countOf('sizeBytes', given.sizeBytes, { from: 0, to: Number.MAX_SAFE_INTEGER }),
    kind: oneOf('kind', given.kind ?? 'artifact', KINDS),
    metadata: metadataText('metadata', given.metadata ?? {}),
    createdAt: given.createdAt === undefined ? now : timestampOf('createdAt', given.createdAt),
    registeredAt: now,
    registeredBy: actorOf('by', given.by ?? actor),
    parents: distinct(parents),
    tags: tagsOf('tags', given.tags ?? []),
  };
  mustNotBeOver('parents', registration.parents.length, MAX_PARENTS);
  if (registration.tags.length > MAX_TAGS) throw tooManyTags(registration.tags.length);
  const isItself = (parent: VersionRef) =>
    parent.logicalId === registration.logicalId && parent.version === registration.version;
  if (registration.parents.some(isItself)) {
    const itself = `${registration.logicalId}@${registration.version}`;
    const message = `${shown(itself)} names itself as a parent: leave it out of parents.`;
    throw new RegistryError('lineage_cycle', message, { found: itself });
  }
  return registration;
}

export function checkRef({ logicalId, version }: VersionRef): VersionRef {
  return { logicalId: logicalIdOf('logicalId', logicalId), version: versionOf('version', version) };
}

/** The conditions of a search as a store takes them, and what a cursor of this search is marked with. */
export function checkQuery(given: VersionQuery): { query: SearchQuery; listing: readonly unknown[] } {
  const conditions = {
    logicalId: optional(given.logicalId, (value) => logicalIdOf('logicalId', value)),
    logicalIdPrefix: optional(given.logicalIdPrefix, (value) => prefixOf('logicalIdPrefix', value)),
    bucketId: optional(given.bucketId, (value) => artifactNameOf('bucketId', value)),
    artifactId: optional(given.artifactId, (value) => artifactNameOf('artifactId', value)),
    version: optional(given.version, (value) => versionOf('version', value)),
    digest: optional(given.digest, (value) => digestOf('digest', value)),
    kind: optional(given.kind, (value) => oneOf('kind', value, KINDS)),
    registeredBy: optional(given.registeredBy, (value) => actorOf('registeredBy', value)),
    tags: tagsOf('tags', given.tags ?? []),
    metadata: optional(given.metadata, (value) => metadataText('metadata', value)),
    latestOnly: flagOf('latestOnly', given.latestOnly ?? false),
  };
  const listing = ['versions', conditions];
  const after = decodeCursor(listing, given.cursor, readPosition);
  return { query: { ...conditions, limit: limitOf(given.limit), after }, listing };
}

function readPosition([logicalId, sequence]: readonly unknown[]): SearchPosition | undefined {
  if (typeof logicalId !== 'string' || typeof sequence !== 'number') return undefined;
  return { logicalId, sequence };
}

export function tooManyTags(found: number): RegistryError {
  const message = `The version would have ${found} tags and may have ${MAX_TAGS}: remove some, or keep them in the metadata of the next version.`;
  return new RegistryError('too_many_tags', message, { expected: MAX_TAGS, found });
}

function mustNotBeOver(field: string, found: number, most: number): void {
  if (found <= most) return;
  const message = `${field} has ${found} entries and may have ${most}: leave some out.`;
  throw new RegistryError('invalid_argument', message, { expected: most, found, details: { field } });
}

function distinct(parents: readonly VersionRef[]): VersionRef[] {
  return [...new Map(parents.map((parent) => [`${parent.logicalId}@${parent.version}`, parent])).values()];
}

function optional<Value, Checked>(
  value: Value | undefined,
  check: (value: Value) => Checked,
): Checked | undefined {
  return value === undefined ? undefined : check(value);
}

function flagOf(field: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw refusal(field, value, 'must be true or false');
}
