import type { NewVersion, VersionRecord } from '../registry/versions.ts';
import { shown } from '../shown.ts';
import type { ArtifactAddress, StoredArtifact } from '../transport.ts';

/** A row whose artifact Bucket does not have. */
export interface MissingArtifact {
  readonly kind: 'missing';
  readonly row: VersionRecord;
  readonly message: string;
}

/** A row whose artifact Bucket has with another digest or size. */
export interface DifferingArtifact {
  readonly kind: 'differing';
  readonly row: VersionRecord;
  readonly found: StoredArtifact;
  readonly message: string;
}

/** A version in Bucket that no row names, such as one of a publish that ended before its row was written. */
export interface UnregisteredArtifact {
  readonly kind: 'unregistered';
  readonly artifact: ArtifactAddress & StoredArtifact;
  /**
   * The row that it may be given, for `registry.registerVersion`: of the logical id that the other rows of the artifact
   * have, or of the name of the artifact. Metadata, tags and parents are not known: add them. Undefined where it cannot
   * be said, or where it is not to be had; `message` tells why.
   */
  readonly registration: NewVersion | undefined;
  /** Whether it has the row now, because `register` asked for it. */
  readonly registered: boolean;
  readonly message: string;
}

export type Finding = MissingArtifact | DifferingArtifact | UnregisteredArtifact;

export function missing(row: VersionRecord): MissingArtifact {
  const message = `${nameOf(row)} is registered, and Bucket has no ${placeOf(row)}: bring it back from a copy, or move the aliases that point at it.`;
  return { kind: 'missing', row, message };
}

/** Undefined where they are the same. */
export function differing(row: VersionRecord, found: StoredArtifact): DifferingArtifact | undefined {
  const { digest, sizeBytes } = row;
  if (found.digest === digest && found.size_bytes === sizeBytes) return undefined;
  const what =
    found.digest === digest
      ? `${found.size_bytes} bytes, and is registered with ${sizeBytes}`
      : `the digest ${found.digest}, and is registered with ${digest}`;
  const message = `${nameOf(row)}: ${placeOf(row)} has ${what}: what Bucket has never changed, so the row is wrong, or this is another Bucket. Register what is right under a new version.`;
  return { kind: 'differing', row, found, message };
}

export function unregistered(
  artifact: ArtifactAddress & StoredArtifact,
  offer: { readonly registration: NewVersion } | { readonly obstacle: string },
  registered: boolean,
): UnregisteredArtifact {
  const registration = 'registration' in offer ? offer.registration : undefined;
  const name = registration && nameOf(registration);
  const what = registered ? `it is ${name} now` : `register it as ${name}, or leave it`;
  const end = 'obstacle' in offer ? offer.obstacle : what;
  const message = `${placeOf(artifact)} is in Bucket and in no row: ${end}.`;
  return { kind: 'unregistered', artifact, registration, registered, message };
}

function nameOf({ logicalId, version }: { readonly logicalId: string; readonly version: string }): string {
  return shown(`${logicalId}@${version}`);
}

function placeOf({ bucketId, artifactId, version }: ArtifactAddress): string {
  return `${bucketId}/${artifactId} ${version}`;
}
