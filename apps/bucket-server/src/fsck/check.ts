import { statSync, unlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Paths } from '../artifact-store/files/layout.ts';
import { isTempName } from '../artifact-store/files/temp-files.ts';
import { blobKey, isKeyPrefix, parseKey } from '../artifact-store/keys.ts';
import { DigestSet } from './digest-set.ts';
import type { Finding, FindingKind } from './finding.ts';
import { readBlob } from './read-blob.ts';
import { readRef } from './read-ref.ts';
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
  /** Damaged blobs by digest. Those of artifacts are told with the first artifact, the others as damaged orphans. */
  readonly #damaged = new Map<string, Finding & { isTold: boolean }>();
  /** Why some artifacts may be unknown, so that a blob may be theirs although no known one has it. */
  #unknownRefs: string | undefined;
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
    if (this.#progress.artifacts === 0) this.#unknownRefs ??= 'no artifact was found at all';
    const isOld = (changedAt: number) =>
      removeOrphans || changedAt < (this.#besideBucket ? refsBegan - IN_FLIGHT_MS : this.#startedAt);
    await this.#findOrphans(isOld, removeOrphans && this.#unknownRefs === undefined);
    const { blobs, bytes, artifacts } = this.#progress;
    const keptOrphans =
      removeOrphans && this.#found.orphan !== undefined ? (this.#unknownRefs ?? null) : null;
    return { blobs, bytes, artifacts, found: this.#found, besideBucket: this.#besideBucket, keptOrphans };
  }

  #checkTop(): void {
    const { root, tmp, blobs } = this.#paths;
    const ours = /^((layout-version|scrub-state)(\.new)?|bucket\.lock(-journal)?|tmp|blobs|refs)$/;
    for (const entry of entriesOf(root)) if (!ours.test(entry.name)) this.#foreign(entry.path);
    for (const entry of entriesOf(blobs)) if (entry.name !== 'sha256') this.#foreign(entry.path);
    for (const { path, name, kind } of entriesOf(tmp))
      if (kind !== 'file' || !isTempName(name)) this.#foreign(path);
  }

  async #checkBlobs(): Promise<void> {
    for (const { path, sha256 } of this.#blobs((foreign) => this.#foreign(foreign))) {
      const blob = await readBlob(path, sha256, (bytes) => this.#onRead(bytes));
      if (blob.state === 'gone') continue;
      this.#progress.blobs += 1;
      if (blob.state === 'damaged') {
        const message = `The bytes are damaged: ${blob.why}. Uploading the right ones under a new version heals it.`;
        this.#damaged.set(sha256, { kind: 'damaged_blob', path, message, size: blob.size, isTold: false });
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
    for (const bucket of this.#folders(this.#paths.refs, 'refs/')) {
      for (const artifact of this.#folders(bucket.path, `refs/${bucket.name}/`)) {
        for (const { path, name, kind } of entriesOf(artifact.path)) {
          const key = `refs/${bucket.name}/${artifact.name}/${name}`;
          if (kind === 'file' && parseKey(key) !== null) this.#checkRef(key, path);
          else this.#unknown(path);
          await this.#breathe();
        }
      }
    }
  }

  *#folders(parent: string, prefix: string) {
    for (const entry of entriesOf(parent)) {
      if (entry.kind === 'folder' && isKeyPrefix(`${prefix}${entry.name}/`)) yield entry;
      else this.#unknown(entry.path);
    }
  }

  #checkRef(key: string, path: string): void {
    this.#progress.artifacts += 1;
    const metadata = readRef(key, path);
    if (metadata === null) return; // the Bucket beside us has taken it back
    if (typeof metadata === 'string') {
      // Nobody knows whose bytes it means.
      this.#unknownRefs = 'there is metadata that cannot be used';
      return this.#tell({ kind: 'bad_ref', path, message: metadata });
    }
    const sha256 = metadata.digest.slice('sha256:'.length);
    this.#used.add(sha256);
    this.#checkBlobOf(path, sha256, metadata.size_bytes);
  }

  #checkBlobOf(path: string, sha256: string, size: number): void {
    const remedy = 'Uploading the right bytes under a new version heals it.';
    this.#tellDamaged(sha256);
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
      // A damaged one that may be an artifact's is told as damage; one that nobody has is no loss.
      if (this.#unknownRefs !== undefined) this.#tellDamaged(sha256);
      if (!this.#used.has(sha256)) this.#checkOrphan({ path, sha256 }, isOld, mayRemove);
      await this.#breathe();
    }
  }

  #tellDamaged(sha256: string): void {
    const found = this.#damaged.get(sha256);
    if (found === undefined || found.isTold) return;
    const { isTold: _, ...finding } = found;
    this.#tell(finding);
    found.isTold = true;
  }

  #checkOrphan(
    { path, sha256 }: { readonly path: string; readonly sha256: string },
    isOld: (changedAt: number) => boolean,
    mayRemove: boolean,
  ): void {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined || !isOld(Math.max(found.ctimeMs, found.mtimeMs))) return;
    const { size } = found;
    if (mayRemove) {
      unlinkSync(path);
      const message = 'No artifact had these bytes. They are removed.';
      return this.#tell({ kind: 'removed_orphan', path, size, message });
    }
    const what = this.#damaged.has(sha256) ? 'these bytes, which are damaged' : 'these bytes';
    const verdict =
      this.#unknownRefs === undefined
        ? `No artifact has ${what}. That is harmless.`
        : `No known artifact has ${what}.`;
    this.#tell({ kind: 'orphan', path, size, message: verdict });
  }

  #foreign(path: string): void {
    const message = 'Bucket has not put this here and leaves it alone.';
    this.#tell({ kind: 'foreign_file', path, message });
  }

  /** Something under refs that is not read here; a Bucket may find artifacts behind it (a symbolic link to a folder, say). */
  #unknown(path: string): void {
    this.#unknownRefs ??= `${this.#shown(path)} is in the place of metadata`;
    const message =
      'Bucket has not put this among its metadata. It is not looked into; while it is here, no orphan is removed.';
    this.#tell({ kind: 'foreign_file', path, message });
  }

  #shown(path: string): string {
    return relative(join(this.#paths.root, '..'), path);
  }

  #tell(finding: Finding): void {
    this.#found[finding.kind] = (this.#found[finding.kind] ?? 0) + 1;
    this.#options.onFinding?.({ ...finding, path: this.#shown(finding.path) });
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
