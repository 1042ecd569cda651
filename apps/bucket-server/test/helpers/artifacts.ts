import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Sending, send, sendJson } from './http.ts';

export function digestOf(bytes: string | Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The digest of no bytes. */
export const EMPTY = digestOf('');

/** The headers that an upload of `bytes` needs; more of them, or others, in `more`. Values are octets as Latin-1. */
export function uploadHeaders(
  bytes: string | Buffer,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    'X-Artifact-Version': 'v1',
    'X-Artifact-Digest': digestOf(bytes),
    'X-Uploaded-By': 'training-cluster-5',
    'X-Provenance-Source': 'run-47',
    ...more,
  };
}

/** Uploads to /v1/b/a, unless `path` says otherwise. */
export function upload(
  port: number,
  bytes: string | Buffer,
  more: Readonly<Record<string, string>> = {},
  path = '/v1/b/a',
) {
  // Node would send the headers as UTF-8 together with a body that is a string.
  const sending: Sending = { method: 'PUT', headers: uploadHeaders(bytes, more), body: Buffer.from(bytes) };
  return sendJson(port, path, sending);
}

/** Downloads v1 of /v1/b/a, unless `path` says otherwise. */
export function download(
  port: number,
  headers: Readonly<Record<string, string>> = {},
  path = '/v1/b/a?version=v1',
) {
  return send(port, path, { headers });
}

/** The paths of all files below a folder, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
}

/** The files of the artifact store in a data folder, without what belongs to the store itself. */
export async function storedFiles(dataFolder: string): Promise<string[]> {
  const files = await filesBelow(join(dataFolder, 'artifacts'));
  return files.filter((file) => /^(blobs|refs|tmp)\//.test(file));
}
