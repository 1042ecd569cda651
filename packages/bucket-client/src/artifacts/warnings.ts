import { channel } from 'node:diagnostics_channel';
import type { UploadClaim } from './check-upload.ts';
import type { ArtifactWarning } from './types.ts';

/** The `node:diagnostics_channel` on which every warning is published, with `upload` beside it. */
const warningChannel = channel('bhiv:bucket-client:artifact-warning');

/** A date, alone or with a time behind it, in the ways in which people write them into names. */
const DATE =
  /^v?(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01])(?:$|[-_.T ]?[0-2]\d[-_.h]?[0-5]\d)/;
/** Seconds or ms since 1970, of the years 2001 to 2286. */
const UNIX_TIME = /^v?[1-9]\d{9}(?:\d{3})?$/;
const CHANGING = /^(?:latest|current|newest|tip)$/i;
const EMAIL = /[^\s@<]@[^\s@>]+\.[^\s@>]/;

/** What CONTRACT B5 discourages and nobody forbids. */
export function warningsOf({ ref, uploadedBy }: UploadClaim): ArtifactWarning[] {
  const { artifactId, version } = ref;
  const warnings: ArtifactWarning[] = [];
  const warn = (
    code: ArtifactWarning['code'],
    field: ArtifactWarning['field'],
    value: string,
    message: string,
  ) => warnings.push({ code, field, value, message: `${field} is "${value}": ${message}` });

  if (DATE.test(version) || UNIX_TIME.test(version)) {
    warn(
      'timestamp_version',
      'version',
      version,
      'a time says when, not what; createdAt has it. Name the release, run or digest.',
    );
  }
  if (wordsIn(version).some((word) => CHANGING.test(word))) {
    warn(
      'changing_name',
      'version',
      version,
      'what is stored under it never changes. Keep names like this in a registry of aliases.',
    );
  }
  if (CHANGING.test(wordsIn(artifactId).at(-1) ?? '')) {
    warn(
      'changing_name',
      'artifactId',
      artifactId,
      'versions stored under it never change. Keep names like this in a registry of aliases.',
    );
  }
  if (EMAIL.test(uploadedBy)) {
    warn(
      'email_uploaded_by',
      'uploadedBy',
      uploadedBy,
      'an e-mail address is stored for good and shown to every reader. Name a machine, job or team.',
    );
  }
  return warnings;
}

/** Tells the subscribers of the channel, if there are any. */
export function publishWarning(warning: ArtifactWarning, claim: UploadClaim): void {
  if (warningChannel.hasSubscribers) warningChannel.publish({ ...warning, upload: claim.ref });
}

function wordsIn(name: string): string[] {
  return name.split(/[^A-Za-z0-9]+/);
}
