import { basename, dirname } from 'node:path';
import { blobPath, refPath } from './data-folder.ts';
import type { FileCall } from './file-trace.ts';
import type { ArtifactName } from './names.ts';

/** An answer that says a version is stored: 201, 409, or 200 to a GET. */
export interface StoredAnswer {
  readonly name: ArtifactName;
  /** The digest that the answer says is stored. */
  readonly digest: string;
  readonly status: number;
  /** The client's port, of a connection that carried this one request. */
  readonly localPort: number | undefined;
}

/** What a file or folder is, whatever its names are. */
interface Inode {
  /** When its content was last changed. */
  changed: number;
  /** The fsyncs of it that succeeded. */
  readonly syncs: Pick<FileCall, 'start' | 'end'>[];
}

/** What the name of a folder leads to: whole at any time, for what is in it is asked on its own. */
const A_FOLDER: Inode = { changed: 0, syncs: [{ start: 0, end: 0 }] };

/** From `since` on a folder has the inode under a name; null: it has nothing there. */
interface Naming {
  readonly since: number;
  readonly inode: Inode | null;
}

/**
 * What is on the disk for sure. A change of a file counts from the first fsync of that file that began after it, a name
 * from the first such fsync of its folder; nothing else ever becomes durable. So a file is there after a power cut at
 * a given time if its content is, its name, and the name of every folder above it.
 */
class PowerCutModel {
  readonly #root: string;
  /** What each path names now. */
  readonly #names = new Map<string, Inode>();
  readonly #folders = new Map<string, Inode>();
  /** All that each path named, in order. */
  readonly #history = new Map<string, Naming[]>();

  /** `root` is a folder that is durable itself; everything in it must have been made in the trace. */
  constructor(root: string, calls: readonly FileCall[]) {
    this.#root = root;
    this.#folders.set(root, { changed: 0, syncs: [] });
    for (const call of calls) this.#apply(call);
  }

  /** Why the file could be gone, or not whole, after a power cut at `time`; null where it is safe. */
  doubt(path: string, time: number): string | null {
    for (let each = path; each !== this.#root; each = dirname(each)) {
      const doubt = this.#doubtOfName(each, time);
      if (doubt !== null) return doubt;
    }
    return null;
  }

  /** A name is safe when it was synced, and stays safe while whole files take the place of whole files. */
  #doubtOfName(path: string, time: number): string | null {
    const namings = (this.#history.get(path) ?? []).filter(({ since }) => since <= time);
    if (namings.at(-1)?.inode == null) return `${path} is not there`;
    const folder = this.#folders.get(dirname(path));
    const synced = namings.findLastIndex(({ since }) => folder && isSynced(folder, since, time));
    if (synced === -1) return `the name ${basename(path)} in ${dirname(path)} is not synced`;
    const mayBeThere = namings.slice(synced);
    const isWhole = ({ inode }: Naming) => inode !== null && isSynced(inode, inode.changed, time);
    return mayBeThere.every(isWhole) ? null : `the content of ${path} is not synced`;
  }

  #apply({ kind, path, to, start, end, succeeded }: FileCall): void {
    const known = this.#names.get(path);
    if (kind === 'sync') {
      if (succeeded) (this.#folders.get(path) ?? known)?.syncs.push({ start, end });
    } else if (kind === 'write') {
      if (known) known.changed = end; // a write that failed may have written a part
    } else if (succeeded) {
      if (kind === 'create' && known === undefined) this.#name(path, { changed: end, syncs: [] }, end);
      if (kind === 'folder') {
        this.#folders.set(path, { changed: 0, syncs: [] });
        this.#name(path, A_FOLDER, end);
      }
      if ((kind === 'rename' || kind === 'link') && known) this.#name(to, known, end);
      if (kind === 'rename' || kind === 'remove') this.#name(path, null, end);
    }
  }

  #name(path: string, inode: Inode | null, since: number): void {
    if (inode) this.#names.set(path, inode);
    else this.#names.delete(path);
    const history = this.#history.get(path) ?? [];
    history.push({ since, inode });
    this.#history.set(path, history);
  }
}

function isSynced({ syncs }: Inode, since: number, by: number): boolean {
  return syncs.some(({ start, end }) => start >= since && end <= by);
}

/**
 * Holds every answer against the model: at the moment when its first byte was handed to the socket, the blob and the
 * ref of which it speaks must have been safe from a power cut. `calls` begin with the first start on an empty data
 * folder and may go on over several processes. Returns what does not hold, in words.
 */
export function unsafeAnswers(
  dataDir: string,
  calls: readonly FileCall[],
  answers: readonly StoredAnswer[],
): string[] {
  const model = new PowerCutModel(dataDir, calls);
  return answers.flatMap(({ name, digest, status, localPort }) => {
    const title = `${status} for ${name.artifactId} ${name.version}`;
    const sent = calls.find(
      (call) => call.kind === 'answer' && call.path === String(localPort) && call.status === status,
    );
    if (sent === undefined) return [`${title}: it is not in the trace`];
    const paths = [blobPath(dataDir, digest), refPath(dataDir, name)];
    const doubts = paths.map((path) => model.doubt(path, sent.start)).filter((doubt) => doubt !== null);
    return doubts.map((doubt) => `${title}: ${doubt}`);
  });
}
