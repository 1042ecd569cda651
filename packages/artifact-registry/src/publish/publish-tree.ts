import { FileCutter } from '../chunking/cut-file.ts';
import type { Problem } from '../fetch/problem.ts';
import { Verification, type VerifyProgress } from '../fetch/verification.ts';
import { type HealedPack, healPacks } from '../heal/heal-packs.ts';
import { parseManifest } from '../manifest/parse-manifest.ts';
import type { Tree, TreeFile } from '../manifest/tree.ts';
import { writeManifest } from '../manifest/write-manifest.ts';
import { Pace } from '../pace.ts';
import { sha256 } from '../sha256.ts';
import type { Host, Place } from '../thread/host.ts';
import { TransferError } from '../transfer-error.ts';
import { isUnchanged, listSource, type SourceFile } from './list-source.ts';
import { PackBuilder } from './pack-builder.ts';
import { scanFile } from './scan-file.ts';
import { sourceChanged } from './source-errors.ts';
import { Uploads } from './uploads.ts';

/** What is published, and to where. Plain data: it crosses to the thread that does the work. */
export interface PublishJob {
  readonly source: string;
  /** Where the manifest goes. */
  readonly place: Place;
  /** The artifact_id of new packs. */
  readonly packArtifactId: string;
  readonly earlier: readonly Uint8Array[];
  /** How many packs are uploaded at a time. */
  readonly concurrency: number;
  /** Whether packs that are not sent are read, and healed, before the manifest goes. */
  readonly verifyPacks: boolean;
}

export interface ScanProgress {
  readonly bytesTotal: number;
  readonly bytesScanned: number;
  /** Of those that were scanned: in packs of earlier versions, or a second time in this one. */
  readonly bytesReused: number;
  /** Of packs that were read back, which `verifyPacks` asks for. */
  readonly bytesVerified: number;
}

export interface PublishedTree {
  /** Of the manifest. */
  readonly digest: string;
  readonly size: number;
  readonly alreadyPublished: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly bytesReused: number;
  /** Of packs that Bucket had from an upload that was cut off. */
  readonly bytesFound: number;
  readonly bytesSent: number;
  /** The packs that `verifyPacks` found damaged, and that are right now. */
  readonly healed: readonly HealedPack[];
}

/**
 * Publishes a folder or a file: new packs, and the manifest after them (docs/manifest.md). Where the version is there
 * already nothing is sent: either it is the very same, or that is an error.
 */
export async function publishTree(job: PublishJob, host: Host<ScanProgress>): Promise<PublishedTree> {
  const source = listSource(job.source);
  const stored = await host.head(job.place);
  const uploads = stored === null ? new Uploads(host, job.concurrency) : undefined;
  const scan = new Scan(source.files, new PackBuilder(job.packArtifactId, earlierTrees(job)), host, uploads);
  const files = await scan.run();
  const changed = source.files.find((file) => !isUnchanged(file));
  if (changed !== undefined) throw sourceChanged(changed.path, 'changed');
  const tree: Tree = { ...scan.builder.result(), files, folders: source.folders };
  const manifest = writeManifest(tree);
  const digest = sha256(manifest);
  const size = manifest.byteLength;
  if (stored !== null && stored.digest !== digest) throw versionExists(job.place, stored.digest, digest);
  const healed = job.verifyPacks ? await scan.verifyPacks(tree, job) : [];
  const known =
    stored !== null || (await host.upload({ ...job.place, digest, size, source: manifest })).alreadyStored;
  return {
    ...{ digest, size, alreadyPublished: known },
    ...{ files: files.length, bytes: scan.bytesTotal, bytesReused: scan.bytesReused },
    bytesFound: uploads?.bytes.found ?? 0,
    bytesSent: (uploads?.bytes.sent ?? 0) + (known ? 0 : size),
    healed,
  };
}

/** The one pass over the files. */
class Scan {
  readonly bytesTotal: number;
  bytesReused = 0;
  readonly builder: PackBuilder;
  readonly #sources: readonly SourceFile[];
  readonly #host: Host<ScanProgress>;
  readonly #uploads: Uploads | undefined;
  readonly #cutter = new FileCutter();
  #bytesScanned = 0;
  #bytesVerified = 0;
  readonly #pace = new Pace(() => this.#tell());

  constructor(
    sources: readonly SourceFile[],
    builder: PackBuilder,
    host: Host<ScanProgress>,
    uploads: Uploads | undefined,
  ) {
    this.#sources = sources;
    this.builder = builder;
    this.#host = host;
    this.#uploads = uploads;
    this.bytesTotal = sources.reduce((sum, { size }) => sum + size, 0);
  }

  /** Settles when all packs are uploaded. */
  async run(): Promise<TreeFile[]> {
    const files: TreeFile[] = [];
    try {
      for (const source of this.#sources) files.push(await this.#scan(source));
      const last = this.builder.close();
      if (last !== undefined) await this.#uploads?.add(last);
      await this.#uploads?.finish();
    } catch (error) {
      await this.#uploads?.stop();
      throw error;
    }
    this.#pace.tell();
    return files;
  }

  /**
   * Reads the packs that were not sent just now, from earlier versions or from an upload that was cut off, and heals
   * those that are damaged. Throws `packs_damaged` where that cannot be done.
   */
  async verifyPacks(tree: Tree, { source, concurrency }: PublishJob): Promise<HealedPack[]> {
    const progress = ({ bytesRead }: VerifyProgress) => {
      this.#bytesVerified = bytesRead;
      this.#pace.mayTell();
    };
    const host: Host<VerifyProgress> = { ...this.#host, progress };
    const verification = new Verification(tree, host, (pack) => !this.#uploads?.hasSent(pack));
    await verification.packs(concurrency);
    const healed = await healPacks(tree, verification, source, host);
    const { problems } = verification;
    if (problems.length > 0) throw packsDamaged(problems);
    this.#pace.tell();
    return healed;
  }

  async #scan(source: SourceFile): Promise<TreeFile> {
    const { path, location, size, executable, stamp } = source;
    const chunks: number[] = [];
    const digest = await scanFile(this.#cutter, source, async ({ digest, bytes, offset }) => {
      const part = { path: location, offset, length: bytes.byteLength, stamp };
      const { number, isNew, full } = this.builder.add(digest, bytes, part);
      chunks.push(number);
      this.#bytesScanned += bytes.byteLength;
      if (!isNew) this.bytesReused += bytes.byteLength;
      if (full !== undefined) await this.#uploads?.add(full);
      this.#pace.mayTell();
    });
    return { path, size, digest, chunks, executable };
  }

  #tell(): void {
    const { bytesTotal, bytesReused } = this;
    const [bytesScanned, bytesVerified] = [this.#bytesScanned, this.#bytesVerified];
    this.#host.progress({ bytesTotal, bytesScanned, bytesReused, bytesVerified });
  }
}

/** Those of the earlier manifests that tell of chunks. One that cannot be used costs no more than bytes sent again. */
function earlierTrees({ earlier, place }: PublishJob): Tree[] {
  return earlier.flatMap((bytes) => {
    try {
      const parsed = parseManifest(bytes, { ...place, version: '' });
      return parsed.kind === 'tree' ? [parsed.tree] : [];
    } catch (error) {
      if (error instanceof TransferError) return [];
      throw error;
    }
  });
}

function packsDamaged(problems: readonly Problem[]): TransferError {
  const packs = new Set(problems.map(({ version }) => version)).size;
  const message = `${packs} of the packs of earlier versions that this one would need are damaged in Bucket, and its files do not have all that is missing: ${problems[0]?.message} Heal them with the files of the earlier version, or publish without its manifest.`;
  return new TransferError('packs_damaged', message, { details: { problems } });
}

function versionExists({ artifactId, version }: Place, stored: string, digest: string): TransferError {
  const message = `${artifactId} ${version} is published already, with other content: its manifest has the digest ${stored}, and this one has ${digest}. Nothing was overwritten; publish under another version.`;
  return new TransferError('version_exists', message, { expected: digest, found: stored });
}
