import { createHash } from 'node:crypto';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { type ArtifactName, pathOf, versionPathOf } from './names.ts';
import { readText } from './upload.ts';

/** What came of one GET. */
export interface Download {
  /** undefined where no answer came at all. */
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Of the bytes that came. */
  readonly digest: string;
  /** How many bytes came. */
  readonly size: number;
  /** Whether the answer ended as HTTP says an answer ends: a client would believe what it has. */
  readonly endedWell: boolean;
}

export interface DownloadOptions {
  /** Called when the head of the answer is there, before any more of the body is read. */
  readonly onBegin?: () => Promise<void> | undefined;
}

/** Reads a version to its end, in constant memory. Rejects with what `onBegin` rejects with, and for nothing else. */
export function download(
  base: string,
  name: ArtifactName,
  { onBegin }: DownloadOptions = {},
): Promise<Download> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${base}${versionPathOf(name)}`, { agent: false });
    outgoing.on('error', () =>
      resolve({ status: undefined, headers: {}, digest: '', size: 0, endedWell: false }),
    );
    outgoing.on('response', async (response) => {
      try {
        await onBegin?.();
        resolve(await drain(response));
      } catch (error) {
        reject(error);
      }
    });
    outgoing.end();
  });
}

async function drain(response: IncomingMessage): Promise<Download> {
  const hash = createHash('sha256');
  let size = 0;
  const result = (endedWell: boolean): Download => ({
    status: response.statusCode,
    headers: response.headers,
    digest: `sha256:${hash.digest('hex')}`,
    size,
    endedWell,
  });
  try {
    for await (const chunk of response) {
      hash.update(chunk);
      size += chunk.length;
    }
  } catch {
    return result(false); // the connection broke: that is the finding
  }
  return result(response.complete);
}

/** One row of `/versions` (CONTRACT B3). */
export interface ListedVersion {
  readonly version: string;
  readonly digest: string;
  readonly size_bytes: number;
}

/** The versions of an artifact; empty where there is no such artifact. Rejects for any other answer. */
export async function listVersions(
  base: string,
  name: Omit<ArtifactName, 'version'>,
): Promise<ListedVersion[]> {
  const { status, text } = await getText(`${base}${pathOf(name)}/versions`);
  if (status === 404) return [];
  if (status !== 200) throw new Error(`/versions answered ${status}: ${text}`);
  return JSON.parse(text).versions;
}

/** The whole of a text answer. Rejects where the connection breaks. */
export function getText(url: string, method = 'GET'): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent: false, method });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      readText(response).then((text) => resolve({ status: response.statusCode, text }), reject);
    });
    outgoing.end();
  });
}
