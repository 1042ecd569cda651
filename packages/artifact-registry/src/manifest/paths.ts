import { shown } from '../shown.ts';
import { TransferError } from '../transfer-error.ts';

/** In the folder that is fetched into, this one holds the files that are not whole yet. */
export const PARTIAL_FOLDER = '.bhiv-fetch';

const MAX_NAMES = 128;
const MAX_NAME_BYTES = 255;

/**
 * What is wrong with a path, in words; undefined where nothing is. Which characters it may have is in the schema of
 * manifests; here is what the file systems of this world do not take, and the one name that is taken.
 */
export function faultOfPath(path: string, platform: NodeJS.Platform = process.platform): string | undefined {
  const names = path.split('/');
  if (names.length > MAX_NAMES) return `has ${names.length} names, and no more than ${MAX_NAMES} may be`;
  const long = names.find((name) => Buffer.byteLength(name) > MAX_NAME_BYTES);
  if (long !== undefined) return `has a name of more than ${MAX_NAME_BYTES} bytes`;
  if (names[0]?.toLowerCase() === PARTIAL_FOLDER)
    return `begins with ${PARTIAL_FOLDER}, which is kept for fetching`;
  if (platform !== 'win32') return undefined;
  const strange = names.find((name) => /[<>:"|?*]|[. ]$/.test(name) || WINDOWS_DEVICE.test(name));
  return strange === undefined ? undefined : `has the name ${shown(strange)}, which Windows does not take`;
}

const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

interface Node {
  readonly kind: 'file' | 'folder';
  /** By name. Undefined for a file. */
  readonly inside: Map<string, Node> | undefined;
  /** The first name of those that a file system may take for one, by what they have in common. */
  readonly alike: Map<string, string> | undefined;
}

/** Two paths that a file system which folds names takes for one. */
export interface Alike {
  /** The path of the folder that they lie in; empty for the root. */
  readonly folder: string;
  readonly names: readonly [string, string];
}

/** All paths of a tree. It refuses what cannot stand side by side, and remembers what some file systems mix up. */
export class Paths {
  readonly #root: Node = newFolder();
  readonly alike: Alike[] = [];

  addFile(path: string): void {
    const { parent, name } = this.#parentOf(path);
    if (parent.inside?.has(name)) throw unsafe(path, 'stands there twice, or is the folder of another path');
    this.#add(parent, path, name, { kind: 'file', inside: undefined, alike: undefined });
  }

  addFolder(path: string): void {
    this.#parentOf(`${path}/`);
  }

  /** The folders of all paths, each behind the one that it lies in. */
  folders(): string[] {
    const found: string[] = [];
    const visit = (node: Node, path: string) => {
      for (const [name, inner] of node.inside ?? []) {
        if (inner.kind === 'file') continue;
        const below = path === '' ? name : `${path}/${name}`;
        found.push(below);
        visit(inner, below);
      }
    };
    visit(this.#root, '');
    return found;
  }

  #parentOf(path: string): { parent: Node; name: string } {
    const fault = faultOfPath(path.replace(/\/$/, ''));
    if (fault !== undefined) throw unsafe(path, fault);
    const names = path.split('/');
    const name = names.pop() ?? '';
    let parent = this.#root;
    for (const [index, step] of names.entries()) {
      let next = parent.inside?.get(step);
      if (next === undefined) {
        next = newFolder();
        this.#add(parent, names.slice(0, index + 1).join('/'), step, next);
      }
      if (next.kind === 'file')
        throw unsafe(path, `lies below ${shown(names.slice(0, index + 1).join('/'))}, which is a file`);
      parent = next;
    }
    return { parent, name };
  }

  #add(parent: Node, path: string, name: string, node: Node): void {
    const folded = name.normalize('NFD').toUpperCase();
    const other = parent.alike?.get(folded);
    if (other === undefined) parent.alike?.set(folded, name);
    else this.alike.push({ folder: path.slice(0, -name.length - 1), names: [other, name] });
    parent.inside?.set(name, node);
  }
}

/** All paths of a manifest, held to the rules of docs/manifest.md. Throws TransferError `unsafe_path`. */
export function pathsOf(files: readonly { readonly path: string }[], folders: readonly string[] = []): Paths {
  const paths = new Paths();
  for (const { path } of files) paths.addFile(path);
  for (const path of folders) paths.addFolder(path);
  return paths;
}

function newFolder(): Node {
  return { kind: 'folder', inside: new Map(), alike: new Map() };
}

function unsafe(path: string, what: string): TransferError {
  const message = `The manifest names the path ${shown(path)}, which ${what}: nothing was written.`;
  return new TransferError('unsafe_path', message, { found: path, details: { path } });
}
