import { mkdir, readdir, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BucketProcess } from '../processes/bucket-process.ts';
import { bytesFrom, digestOf } from './bytes.ts';
import { artifactFolder, storedFiles } from './data-folder.ts';
import type { Watched } from './fault-calls.ts';
import { unsound } from './fsck.ts';
import type { ArtifactName } from './names.ts';

/** What Bucket has open as long as it runs, each of them once: its lock, and its own folders to see that they stay. */
const KEPT_OPEN = ['bucket.lock', 'refs', 'blobs/sha256', 'tmp'];

/** When so many of the 256 folders of blobs exist, the next upload gets a new data folder: it is to make its own. */
const MOST_FOLDERS = 200;
const SETTLES_WITHIN_MS = 2_000;

export interface FreshUpload {
  readonly name: ArtifactName;
  readonly body: Buffer;
  readonly digest: string;
}

/** A running Bucket for uploads that make every folder anew, each with names and bytes that were never used. */
export class FaultGround {
  readonly #folder: string;
  #bucket: BucketProcess | undefined;
  #dataDir = '';
  #generation = 0;
  #count = 0;
  #socketsAtStart = 0;
  readonly #usedFolders = new Set<string>();

  /** `folder` takes the data folders and logs. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes sure that a Bucket runs and has room for folders; a new process where the old one will not do. */
  async ready(): Promise<void> {
    if (this.#dataDir === '' || this.#usedFolders.size >= MOST_FOLDERS) await this.#renew();
    if (!this.#bucket?.isAlive) {
      // One thread in Node's pool: then the calls of an upload come in the same order on it each time.
      const env = { UV_THREADPOOL_SIZE: '1' };
      this.#bucket = await BucketProcess.start({ dataDir: this.#dataDir, env });
      this.#socketsAtStart = (await this.#descriptors()).filter(isSocket).length;
    }
  }

  /** The Bucket of the last `ready`. */
  get bucket(): BucketProcess {
    if (this.#bucket === undefined) throw new Error('no Bucket runs');
    return this.#bucket;
  }

  get dataDir(): string {
    return this.#dataDir;
  }

  get watched(): Watched {
    return { pid: this.bucket.pid, dataDir: this.#dataDir, logs: this.#folder };
  }

  /** Nothing of it is stored: neither its artifact, nor its bucket, nor another blob in the folder of its blob. */
  freshUpload(size: number): FreshUpload {
    for (;;) {
      this.#count += 1;
      const body = bytesFrom(`fault-${this.#count}`, size);
      const digest = digestOf(body);
      const folder = digest.slice(7, 9);
      if (this.#usedFolders.has(folder)) continue;
      this.#usedFolders.add(folder);
      return { name: { bucketId: `b${this.#count}`, artifactId: 'a', version: '1' }, body, digest };
    }
  }

  /** What is left of a fault: temporary files and open ones, once what is in flight has had its time. */
  async leftovers(): Promise<string[]> {
    const deadline = Date.now() + SETTLES_WITHIN_MS;
    for (;;) {
      const { temps } = await storedFiles(this.#dataDir);
      const open = await this.#openFiles();
      const found = [
        ...temps.map((path) => `left behind: ${path}`),
        ...open.map((path) => `left open: ${path}`),
      ];
      if (found.length === 0 || Date.now() > deadline) return found;
      await sleep(10);
    }
  }

  /** The files and folders of artifacts that the process has open, but for those it keeps; and connections still there. */
  async #openFiles(): Promise<string[]> {
    const all = await this.#descriptors();
    const root = artifactFolder(await realpath(this.#dataDir));
    const files = all.filter((path) => path.startsWith(`${root}/`));
    for (const name of KEPT_OPEN) {
      const index = files.indexOf(join(root, name));
      if (index !== -1) files.splice(index, 1);
    }
    return [...files, ...all.filter(isSocket).slice(this.#socketsAtStart)];
  }

  /** What each descriptor of the process leads to. */
  async #descriptors(): Promise<string[]> {
    const folder = `/proc/${this.bucket.pid}/fd`;
    const names = await readdir(folder);
    // A descriptor may be closed between the two looks: then it leads nowhere.
    return Promise.all(names.map((name) => readlink(join(folder, name)).catch(() => '')));
  }

  /** Stops Bucket and has its folder checked. Returns what is wrong. */
  async end(): Promise<string[]> {
    if (!this.#bucket?.isAlive) return [];
    const { code } = await this.#bucket.stop();
    const stop = code === 0 ? [] : [`after SIGTERM it ended with ${code}`];
    return [...stop, ...(await unsound(this.#dataDir))];
  }

  async kill(): Promise<void> {
    if (!this.#bucket?.isAlive) return;
    this.#bucket.kill('SIGKILL');
    await this.#bucket.end;
  }

  async #renew(): Promise<void> {
    const broken = await this.end();
    if (broken.length > 0) throw new Error(broken.join('\n'));
    this.#generation += 1;
    this.#dataDir = join(this.#folder, `data-${this.#generation}`);
    await mkdir(this.#dataDir);
    this.#usedFolders.clear();
  }
}

function isSocket(path: string): boolean {
  return path.startsWith('socket:');
}
