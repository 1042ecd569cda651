import { readFileSync, statSync, unlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ArtifactMetadata } from '@bhiv/contracts';
import { codeOf, messageOf } from '../artifact-store/error-words.ts';
import type { Paths } from '../artifact-store/files/layout.ts';
import { isTempName } from '../artifact-store/files/temp-files.ts';
import { blobKey, parseKey } from '../artifact-store/keys.ts';
import { decodeMetadata } from '../artifact-store/metadata.ts';
import { DigestSet } from './digest-set.ts';
import type { Finding, FindingKind } from './finding.ts';
import { readBlob } from './read-blob.ts';
import type { FsckOptions, FsckProgress, FsckReport } from './run-fsck.ts';
import { entriesOf } from './walk.ts';

/** Between the naming of a blob and that of its first ref lies a moment; beside a Bucket so young a blob is no orphan. */
const IN_FLIGHT_MS = 60_000;

/** How long the event loop is held at a time, and how often progress is told. */
const TURN_MS = 20;
const PROGRESS_MS = 200;

/** One run over everything: blobs first, then refs, so that an upload that comes meanwhile looks like no damage. */
export class Check {
  readonly #paths: Paths;
  readonly #options: FsckOptions;
  readonly #besideBucket: boolean;
  readonly #startedAt = Date.now();
  readonly #used = new DigestSet();
  readonly #damaged = new Set<string>();
  readonly #found: Partial<Record<FindingKind, number>> = {};
  #progress: { -readonly [Name in keyof FsckProgress]: FsckProgress[Name] } = {
    phase: 'blobs',
    blobs: 0,
    bytes: 0,
    artifacts: 0,
  };
  #turnBegan = performance.now();
  #toldAt = performance.now();

  constructor(paths: Paths, options: FsckOptions, besideBucket: boolean) {
    this.#paths = paths;
    this.#options = options;
    this.#besideBucket = besideBucket;
  }

  async run(removeOrphans: boolean): Promise<FsckReport> {
    this.#checkTop();
    await this.#checkBlobs();
    this.#progress.phase = 'artifacts';
    const refsBegan = Date.now();
    await this.#checkRefs();
    this.#progress.phase = 'orphans';
    // Nobody knows whose bytes an unreadable ref means, so none can be called unused for certain.
    const keptOrphans = removeOrphans && (this.#found.bad_ref ?? 0) > 0;
    const isOld = (changedAt: number) =>
      removeOrphans || changedAt < (this.#besideBucket ? refsBegan - IN_FLIGHT_MS : this.#startedAt);
    await this.#findOrphans(isOld, removeOrphans && !keptOrphans);
    const { blobs, bytes, artifacts } = this.#progress;
    return { blobs, bytes, artifacts, found: this.#found, besideBucket: this.#besideBucket, keptOrphans };
  }

  #checkTop(): void {
    const { root, tmp, blobs } = this.#paths;
    const ours = /^((layout-version|scrub-state)(\.new)?|bucket\.lock(-journal)?|tmp|blobs|refs)$/;
    for (const entry of entriesOf(root)) if (!ours.test(entry.name)) this.#foreign(entry.path);
    for (const entry of entriesOf(blobs)) if (entry.name !== 'sha256') this.#foreign(entry.path);
    for (const entry of entriesOf(tmp)) if (!isTempName(entry.name)) this.#foreign(entry.path);
  }

  async #checkBlobs(): Promise<void> {
    for (const { path, sha256 } of this.#blobs((foreign) => this.#foreign(foreign))) {
      const blob = await readBlob(path, sha256, (bytes) => this.#onRead(bytes));
      if (blob.state === 'gone') continue;
      this.#progress.blobs += 1;
      if (blob.state === 'damaged') {
        this.#damaged.add(sha256);
        const message = `The bytes are damaged: ${blob.why}. Uploading the right ones under a new version heals it.`;
        this.#tell({ kind: 'damaged_blob', path, message, size: blob.size });
      }
      await this.#breathe();
    }
  }

  *#blobs(onForeign: (path: string) => void): Generator<{ path: string; sha256: string }> {
    for (const folder of entriesOf(this.#paths.sha256)) {
      if (folder.kind !== 'folder' || !/^[0-9a-f]{2}$/.test(folder.name)) {
        onForeign(folder.path);
        continue;
      }
      for (const { path, name: sha256, kind } of entriesOf(folder.path)) {
        const isBlob = kind === 'file' && parseKey(`blobs/sha256/${folder.name}/${sha256}`) !== null;
        if (isBlob) yield { path, sha256 };
        else onForeign(path);
      }
    }
  }

  async #checkRefs(): Promise<void> {
    for (const bucket of this.#folders(this.#paths.refs)) {
      for (const artifact of this.#folders(bucket.path)) {
        for (const { path, name, kind } of entriesOf(artifact.path)) {
          const key = `refs/${bucket.name}/${artifact.name}/${name}`;
          if (kind === 'file' && parseKey(key) !== null) this.#checkRef(key, path);
          else this.#foreign(path);
          await this.#breathe();
        }
      }
    }
  }

  *#folders(parent: string) {
    for (const entry of entriesOf(parent)) {
      if (entry.kind === 'folder') yield entry;
      else this.#foreign(entry.path);
    }
  }

  #checkRef(key: string, path: string): void {
    this.#progress.artifacts += 1;
    let metadata: ArtifactMetadata;
    try {
      metadata = decodeMetadata(key, readFileSync(path));
      const { bucket_id, artifact_id, version } = metadata;
      if (`refs/${bucket_id}/${artifact_id}/${version}.json` !== key)
        throw new Error('it is of another artifact');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return; // the Bucket beside us has taken it back
      const message = `The metadata cannot be used: ${messageOf(error)} Bring the file back from a copy.`;
      return this.#tell({ kind: 'bad_ref', path, message });
    }
    const sha256 = metadata.digest.slice('sha256:'.length);
    this.#used.add(sha256);
    this.#checkBlobOf(path, sha256, metadata.size_bytes);
  }

  #checkBlobOf(path: string, sha256: string, size: number): void {
    const remedy = 'Uploading the right bytes under a new version heals it.';
    const found = statSync(this.#paths.of(blobKey(sha256)), { throwIfNoEntry: false });
    if (found === undefined) {
      return this.#tell({
        kind: 'missing_blob',
        path,
        message: `Its bytes (sha256:${sha256}) are missing. ${remedy}`,
      });
    }
    if (found.size !== size) {
      const message = `It has ${size} bytes and ${found.size} are stored (sha256:${sha256}). ${remedy}`;
      return this.#tell({ kind: 'wrong_size', path, message });
    }
    if (this.#damaged.has(sha256)) {
      this.#tell({
        kind: 'damaged_artifact',
        path,
        message: `Its bytes (sha256:${sha256}) are damaged. ${remedy}`,
      });
    }
  }

  async #findOrphans(isOld: (changedAt: number) => boolean, mayRemove: boolean): Promise<void> {
    for (const { path, sha256 } of this.#blobs(() => undefined)) {
      if (!this.#used.has(sha256)) this.#checkOrphan(path, isOld, mayRemove);
      await this.#breathe();
    }
  }

  #checkOrphan(path: string, isOld: (changedAt: number) => boolean, mayRemove: boolean): void {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined || !isOld(Math.max(found.ctimeMs, found.mtimeMs))) return;
    const { size } = found;
    if (!mayRemove) {
      this.#tell({ kind: 'orphan', path, size, message: 'No artifact has these bytes. That is harmless.' });
      return;
    }
    unlinkSync(path);
    this.#tell({
      kind: 'removed_orphan',
      path,
      size,
      message: 'No artifact had these bytes. They are removed.',
    });
  }

  #foreign(path: string): void {
    const message = 'Bucket has not put this here and leaves it alone.';
    this.#tell({ kind: 'foreign_file', path, message });
  }

  #tell(finding: Finding): void {
    this.#found[finding.kind] = (this.#found[finding.kind] ?? 0) + 1;
    this.#options.onFinding?.({ ...finding, path: relative(join(this.#paths.root, '..'), finding.path) });
  }

  async #onRead(bytes: number): Promise<void> {
    this.#progress.bytes += bytes;
    await this.#breathe();
  }

  /** Lets others have their turn, now and then. */
  async #breathe(): Promise<void> {
    const now = performance.now();
    if (now - this.#turnBegan < TURN_MS) return;
    if (now - this.#toldAt > PROGRESS_MS) {
      this.#toldAt = now;
      this.#options.onProgress?.({ ...this.#progress });
    }
    await nextTurn();
    this.#turnBegan = performance.now();
  }
}
