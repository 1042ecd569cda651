import type { Download } from './download.ts';
import { type ArtifactName, keyOf } from './names.ts';
import type { UploadAnswer } from './upload.ts';

/** What was sent under a name. */
export interface Sent {
  readonly digest: string;
  readonly size: number;
}

/** Everything that was sent and said about one version. */
export interface Entry {
  readonly name: ArtifactName;
  /** By digest. */
  readonly sent: Map<string, Sent>;
  /** The digest that Bucket has said is stored; from then on it is stored for good. */
  stored: string | undefined;
}

/** What was said about each version that was sent: what a Bucket may be held to. */
export class ArtifactLedger {
  readonly entries = new Map<string, Entry>();
  /** Promises that were broken, in words. */
  readonly broken: string[] = [];
  acknowledged = 0;
  unanswered = 0;
  conflicts = 0;

  /** To be called before the first byte is sent. */
  sending(name: ArtifactName, sent: Sent): Entry {
    const key = keyOf(name);
    const entry = this.entries.get(key) ?? { name, sent: new Map(), stored: undefined };
    entry.sent.set(sent.digest, sent);
    this.entries.set(key, entry);
    return entry;
  }

  /** Takes an answer to an upload of `sent`, and holds it against all that was said before. */
  answered(entry: Entry, sent: Sent, { status, body }: UploadAnswer): void {
    const key = keyOf(entry.name);
    if (status === undefined) {
      this.unanswered += 1;
    } else if (status === 201) {
      this.acknowledged += 1;
      if (entry.stored !== undefined) this.broken.push(`${key}: 201, and it had been acknowledged before`);
      if (body?.digest !== sent.digest || body.size_bytes !== sent.size)
        this.broken.push(`${key}: 201 with ${JSON.stringify(body)} for ${JSON.stringify(sent)}`);
      this.#hold(entry, sent.digest, '201');
    } else if (status === 409) {
      this.conflicts += 1;
      this.#conflict(entry, sent, body?.error);
    } else {
      this.broken.push(`${key}: answered ${status} ${JSON.stringify(body)}`);
    }
  }

  #conflict(entry: Entry, sent: Sent, error: NonNullable<UploadAnswer['body']>['error']): void {
    const key = keyOf(entry.name);
    const { digest, identical } = error?.details ?? {};
    if (error?.code !== 'version_exists' || digest === undefined || identical !== (digest === sent.digest))
      this.broken.push(`${key}: 409 with ${JSON.stringify(error)} for ${sent.digest}`);
    else this.#hold(entry, digest, '409');
  }

  /** Bucket says that `digest` is stored: it must be one that was sent, and the one of which it said so before. */
  #hold(entry: Entry, digest: string, where: string): void {
    const key = keyOf(entry.name);
    if (!entry.sent.has(digest)) this.broken.push(`${key}: ${where} speaks of ${digest}, which nobody sent`);
    if (entry.stored !== undefined && entry.stored !== digest)
      this.broken.push(`${key}: ${where} speaks of ${digest}, and ${entry.stored} was acknowledged`);
    entry.stored = digest;
  }

  /** Holds a full GET against what was said. What it shows counts as acknowledged from then on. */
  read(entry: Entry, { status, digest, size, headers, endedWell }: Download): void {
    const key = keyOf(entry.name);
    if (status === 404) {
      if (entry.stored !== undefined) this.broken.push(`${key}: acknowledged and lost`);
      return;
    }
    if (status !== 200 || !endedWell) {
      this.broken.push(`${key}: GET answered ${status}, ${endedWell ? 'whole' : 'broken off'}`);
      return;
    }
    this.#hold(entry, digest, 'GET');
    const sent = entry.sent.get(digest);
    if (sent !== undefined && (size !== sent.size || headers['content-length'] !== String(sent.size)))
      this.broken.push(`${key}: GET has ${size} bytes, ${sent.size} were sent`);
    if (headers['x-artifact-digest'] !== digest)
      this.broken.push(`${key}: GET has ${digest} and names ${headers['x-artifact-digest']}`);
  }

  /** Holds a listing of an artifact against what was said. */
  listed(
    artifact: Omit<ArtifactName, 'version'>,
    versions: readonly { readonly version: string; readonly digest: string; readonly size_bytes: number }[],
  ): void {
    for (const { version, digest, size_bytes } of versions) {
      const key = keyOf({ ...artifact, version });
      const entry = this.entries.get(key);
      if (entry === undefined) this.broken.push(`${key}: listed and never sent`);
      else {
        this.#hold(entry, digest, '/versions');
        if (entry.sent.get(digest)?.size !== size_bytes)
          this.broken.push(`${key}: listed with ${size_bytes} bytes`);
      }
    }
    const shown = new Set(versions.map(({ version }) => version));
    if (shown.size !== versions.length) this.broken.push(`${artifact.artifactId}: a version is listed twice`);
    for (const { name, stored } of this.entries.values()) {
      if (name.artifactId !== artifact.artifactId || name.bucketId !== artifact.bucketId) continue;
      if (stored !== undefined && !shown.has(name.version))
        this.broken.push(`${keyOf(name)}: acknowledged and not listed`);
    }
  }
}
