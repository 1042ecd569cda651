import { createCipheriv, createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type FetchedTree, type FetchProgress, fetchTree } from '../../src/fetch/fetch-tree.ts';
import { type VerifiedTree, verifyTree } from '../../src/fetch/verify-tree.ts';
import { type HealedTree, healTree } from '../../src/heal/heal-tree.ts';
import { type PublishedTree, publishTree, type ScanProgress } from '../../src/publish/publish-tree.ts';
import { FolderTransport } from '../../src/testing/folder-transport.ts';
import { hostOver } from '../../src/thread/transport-host.ts';

export const MIB = 1024 * 1024;
export const PLACE = { artifactId: 'model', version: 'v1' };

/** A folder for one test, with a Bucket in it. */
export class Room {
  readonly path = mkdtempSync(join(tmpdir(), 'bhiv-registry-'));
  readonly transport = new FolderTransport(join(this.path, 'bucket'));

  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes files, given by their paths; a path that ends in `/` is an empty folder. */
  write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): string {
    mkdirSync(this.at(folder), { recursive: true });
    for (const [path, bytes] of Object.entries(files)) {
      const location = join(this.at(folder), path);
      mkdirSync(path.endsWith('/') ? location : dirname(location), { recursive: true });
      if (!path.endsWith('/')) writeFileSync(location, bytes);
    }
    return this.at(folder);
  }

  /** Publishes on this thread, as the worker thread does. */
  publish(source: string, options: Partial<Parameters<typeof publishTree>[0]> = {}): Promise<PublishedTree> {
    const job = {
      source,
      place: PLACE,
      packArtifactId: 'model.packs',
      earlier: [],
      concurrency: 3,
      verifyPacks: false,
      ...options,
    };
    return publishTree(job, this.host<ScanProgress>());
  }

  fetch(target: string, options: Partial<Parameters<typeof fetchTree>[0]> = {}): Promise<FetchedTree> {
    const job = { place: PLACE, digest: undefined, target, concurrency: 3, ...options };
    return fetchTree(job, this.host<FetchProgress>());
  }

  verify(options: Partial<Parameters<typeof verifyTree>[0]> = {}): Promise<VerifiedTree> {
    return verifyTree({ place: PLACE, digest: undefined, concurrency: 3, ...options }, this.host());
  }

  heal(source: string, options: Partial<Parameters<typeof healTree>[0]> = {}): Promise<HealedTree> {
    return healTree({ place: PLACE, digest: undefined, concurrency: 3, source, ...options }, this.host());
  }

  host<Progress>(onProgress: (progress: Progress) => void = () => undefined) {
    const actors = { uploadedBy: 'trainer-7', provenanceSource: 'run-47' };
    return hostOver<Progress>({ transport: this.transport, bucketId: 'models', actors, onProgress });
  }

  /** Turns one bit of the bytes of a stored version around, behind Bucket's back. */
  flip(version: string, artifactId: string, at: number): void {
    const path = this.transport.pathOf({ bucketId: 'models', artifactId, version });
    const bytes = readFileSync(path);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  }

  /** The bytes of a stored version. */
  stored(version = 'v1', artifactId = 'model'): Buffer {
    return readFileSync(this.transport.pathOf({ bucketId: 'models', artifactId, version }));
  }

  manifest(version = 'v1') {
    return JSON.parse(this.stored(version).toString('utf8'));
  }

  /** Stores bytes as a version, as any tool can. */
  async store(bytes: Uint8Array, version = 'v1', artifactId = 'model'): Promise<string> {
    const digest = sha256(bytes);
    const upload = { bucketId: 'models', artifactId, version, digest, size: bytes.byteLength };
    await this.transport.uploadArtifact(
      { ...upload, uploadedBy: 'other-tool', provenanceSource: 'run-1' },
      bytes,
    );
    return digest;
  }

  storeJson(value: unknown, version?: string, artifactId?: string): Promise<string> {
    return this.store(Buffer.from(JSON.stringify(value)), version, artifactId);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** What lies in a folder: the digest and the executable bit of each file by its path, and the empty folders. */
export function treeIn(folder: string, below = ''): Record<string, string> {
  const found: Record<string, string> = {};
  const entries = readdirSync(join(folder, below), { withFileTypes: true });
  if (entries.length === 0 && below !== '') found[`${below}/`] = 'empty';
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) Object.assign(found, treeIn(folder, path));
    else if (entry.isFile()) {
      const { mode } = lstatSync(join(folder, path));
      found[path] = `${sha256(readFileSync(join(folder, path)))}${mode & 0o100 ? ' x' : ''}`;
    } else found[path] = 'something else';
  }
  return found;
}

/** The same bytes for the same seed, in any language: SHAKE-256 of it. */
export function bytesOf(seed: string, length: number): Buffer {
  return createHash('shake256', { outputLength: Math.max(1, length) })
    .update(seed)
    .digest()
    .subarray(0, length);
}

/** The same bytes for the same seed, quickly: as good as random. */
export function noise(seed: string, length: number): Buffer {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A safetensors file of tensors with these bytes. */
export function safetensorsOf(tensors: Readonly<Record<string, Uint8Array>>, metadata: object = {}): Buffer {
  let begin = 0;
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const [name, { byteLength }] of Object.entries(tensors)) {
    header[name] = { dtype: 'U8', shape: [byteLength], data_offsets: [begin, begin + byteLength] };
    begin += byteLength;
  }
  return safetensorsWith(JSON.stringify(header), Object.values(tensors));
}

/** The same with any text for its header. */
export function safetensorsWith(header: string, data: readonly Uint8Array[]): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), ...data]);
}
