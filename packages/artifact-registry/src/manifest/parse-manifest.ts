import type { Manifest, ShardList } from '@bhiv/contracts';
import { checkManifest, checkShardList, type Problem } from '@bhiv/contracts/validators';
import { shown } from '../shown.ts';
import { TransferError } from '../transfer-error.ts';
import { checkTree } from './check-tree.ts';
import { invalidManifest } from './invalid-manifest.ts';
import { type ListedFile, MAX_MANIFEST_BYTES, type ManifestPlace, type Tree } from './tree.ts';

/** The rule of an artifact_id, which the schema leaves to names that are one (CONTRACT B). */
const ARTIFACT_NAME = /^(?![.]{1,2}$)[A-Za-z0-9_.-]{1,255}$/;

/** A manifest of ours, or the files that another tool lists. */
export type Parsed =
  | { readonly kind: 'tree'; readonly tree: Tree }
  | { readonly kind: 'list'; readonly files: readonly ListedFile[] };

/**
 * Reads a manifest and holds it to the rules of docs/manifest.md, but for those of paths that stand side by side, which
 * `pathsOf` checks. Throws TransferError `manifest_too_large`, `invalid_manifest`, `unsupported_manifest` or
 * `unsafe_path`.
 */
export function parseManifest(bytes: Uint8Array, place: ManifestPlace): Parsed {
  const value = jsonOf(bytes);
  if (typeof value === 'object' && value !== null && 'manifest_version' in value) {
    const { manifest_version: version } = value;
    if (typeof version === 'number' && version > 1) throw newer(version);
    throwFirst(checkManifest(value));
    const tree = treeOf(value as Manifest); // the check above has found it to be one
    checkTree(tree, place);
    return { kind: 'tree', tree };
  }
  throwFirst(checkShardList(value));
  return { kind: 'list', files: filesOf(value as ShardList, place) }; // the check above has found it to be one
}

/** Also where no reader has bounded it. */
export function assertManifestFits(bytes: number): void {
  if (bytes <= MAX_MANIFEST_BYTES) return;
  const message = `The manifest has ${bytes} bytes, and more than ${MAX_MANIFEST_BYTES} are not read: it is not one that publish has written.`;
  throw new TransferError('manifest_too_large', message, { expected: MAX_MANIFEST_BYTES, found: bytes });
}

function jsonOf(bytes: Uint8Array): unknown {
  assertManifestFits(bytes.byteLength);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    const message =
      'The manifest is not JSON in UTF-8: what is stored under this version is no manifest. Download it as it is, or name another version.';
    throw new TransferError('invalid_manifest', message, { cause });
  }
}

function treeOf({ shards, chunks, files, folders }: Manifest): Tree {
  return {
    packs: shards.map(({ name, artifact_id: artifactId, version, digest, size_bytes: size }) => {
      if (name === version) return { artifactId, version, digest, size };
      throw invalidManifest(`the shard ${shown(name)} has the version ${shown(version)}`, {
        expected: name,
        found: version,
      });
    }),
    chunks: chunks.map(({ digest, shard, offset, length }) => ({ digest, pack: shard, offset, length })),
    files: files.map(({ path, size_bytes: size, digest, chunks, executable = false }) => ({
      path,
      size,
      digest,
      chunks,
      executable,
    })),
    folders,
  };
}

function filesOf({ shards }: ShardList, place: ManifestPlace): ListedFile[] {
  return shards.map(
    ({ name, digest, artifact_id: artifactId = name, version = place.version, size_bytes: size }) => {
      if (!ARTIFACT_NAME.test(artifactId)) {
        throw invalidManifest(`the shard ${shown(name)} has no artifact_id, and its name cannot be one`, {
          found: name,
        });
      }
      if (artifactId === place.artifactId && version === place.version) {
        throw invalidManifest(`the shard ${shown(name)} is the manifest itself`, { found: name });
      }
      return { path: name, artifactId, version, digest: digest.toLowerCase(), size };
    },
  );
}

/** A path that breaks its rule has a code of its own: it is what an attacker would try. */
function throwFirst(problems: readonly Problem[]): void {
  const [problem] = problems;
  if (problem === undefined) return;
  const { field, value, rule, message } = problem;
  const isPath = /^(?:files\.\d+\.path|folders\.\d+|shards\.\d+\.name)$/.test(field);
  const code = isPath && (rule === 'pattern' || rule === 'maxLength') ? 'unsafe_path' : 'invalid_manifest';
  throw new TransferError(code, `This is no manifest that may be used: ${message}`, {
    found: value,
    details: { field, rule },
  });
}

function newer(version: number): TransferError {
  const message = `The manifest has the version ${version}, and 1 is the newest known here: update @bhiv/artifact-registry.`;
  return new TransferError('unsupported_manifest', message, { expected: 1, found: version });
}
