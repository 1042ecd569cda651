import { ArtifactError } from '../errors.ts';
import { actorOf, digestOf, isCount, nameOf, refusal, timestampOf, versionOf } from './rules.ts';
import type { ArtifactNames, ArtifactRef } from './types.ts';

const AHEAD_MS = 5 * 60_000;
/** Words that stand where a name should be (CONTRACT B5). */
const PLACEHOLDER = /^(?:unknown|system)$/i;
const REQUIRED = ['bucketId', 'artifactId', 'version', 'uploadedBy', 'provenanceSource'] as const;

/** An upload that keeps every rule which can be checked without its bytes. */
export interface UploadClaim {
  readonly ref: ArtifactRef;
  readonly uploadedBy: string;
  readonly provenanceSource: string;
  readonly createdAt: string | undefined;
  /** In lower case. */
  readonly digest: string | undefined;
  readonly size: number | undefined;
}

/** The checks of CONTRACT B5 that need no bytes. Throws an ArtifactError for the first that fails. */
export function checkUpload(upload: unknown, now = Date.now()): UploadClaim {
  const fields = fieldsOf(upload, 'the upload');
  const absent = REQUIRED.filter((field) => isAbsent(fields[field]));
  if (absent.length > 0) {
    const message = `${absent.join(', ')} ${absent.length === 1 ? 'is' : 'are'} missing from the upload: add it all.`;
    throw new ArtifactError(
      'invalid_argument',
      message.replace('it all', absent.length === 1 ? 'it' : 'them'),
      {
        details: { field: absent[0] },
      },
    );
  }
  return {
    ref: checkRef(fields),
    uploadedBy: checkActor('uploadedBy', fields.uploadedBy),
    provenanceSource: checkActor('provenanceSource', fields.provenanceSource),
    createdAt: isAbsent(fields.createdAt) ? undefined : checkCreatedAt(fields.createdAt, now),
    digest: isAbsent(fields.digest) ? undefined : digestOf('digest', fields.digest),
    size: isAbsent(fields.size) ? undefined : checkSize(fields.size),
  };
}

/** The two names of an artifact. Throws an ArtifactError, `invalid_name`, where one breaks its rule. */
export function checkArtifact(fields: {
  readonly bucketId?: unknown;
  readonly artifactId?: unknown;
}): ArtifactNames {
  return {
    bucketId: nameOf('bucketId', fields.bucketId),
    artifactId: nameOf('artifactId', fields.artifactId),
  };
}

/** The three names of a version. Throws an ArtifactError, `invalid_name`, where one breaks its rule. */
export function checkRef(ref: unknown): ArtifactRef {
  const fields = fieldsOf(ref, 'the reference');
  return { ...checkArtifact(fields), version: versionOf('version', fields.version) };
}

function fieldsOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw refusal(what, value, 'must be an object: give {bucketId, artifactId, version, ...}');
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function checkActor(field: string, value: unknown): string {
  const actor = actorOf(field, value);
  if (!PLACEHOLDER.test(actor)) return actor;
  throw refusal(field, actor, 'must say who or what it was: name the machine, job or run');
}

function checkCreatedAt(value: unknown, now: number): string {
  const createdAt = timestampOf('createdAt', value);
  if (momentOf(createdAt) <= now + AHEAD_MS) return createdAt;
  const must = `must not be more than 5 minutes ahead of this machine's clock, which says ${new Date(now).toISOString()}: send the time of making, or set the clock`;
  throw refusal('createdAt', createdAt, must);
}

function checkSize(value: unknown): number {
  if (isCount(value)) return value;
  throw refusal('size', value, 'must be a number of bytes: give a whole number, 0 or more');
}

/** In ms since 1970. What Date.parse does not know: an offset without a colon, and a leap second. */
function momentOf(timestamp: string): number {
  return Date.parse(timestamp.replace(/(?<=T\d\d:\d\d:)60/, '59').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
}
