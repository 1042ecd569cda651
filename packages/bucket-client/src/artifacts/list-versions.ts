import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { setImmediate } from 'node:timers/promises';
import { ArtifactError } from '../errors.ts';
import { badResponse, errorOf } from './answer.ts';
import type { Connection } from './connection.ts';
import { Exchange } from './exchange.ts';
import { artifactPath } from './paths.ts';
import { isCount, isStoredDigest, isVersion } from './rules.ts';
import { shown, wordsOf } from './shown.ts';
import { EntrySplitter } from './split-entries.ts';
import type { Transfer } from './transfer.ts';
import type { ArtifactNames, VersionEntry } from './types.ts';

/** Over a million versions. */
const MAX_LIST_BYTES = 256 * 1024 ** 2;

/** Every version of an artifact, in no order; none where Bucket knows no such artifact (CONTRACT B3). */
export async function listVersions(
  connection: Connection,
  transfer: Transfer,
  artifact: ArtifactNames,
): Promise<VersionEntry[]> {
  const path = `${artifactPath(artifact)}/versions`;
  const call = { method: 'GET', path, headers: { accept: 'application/json' } } as const;
  return Exchange.run(connection, transfer, call, async (response) => {
    const { statusCode: status } = response;
    if (status === 200) return readEntries(response, transfer);
    const error = await errorOf(response, transfer);
    if (error.code === 'artifact_not_found') return [];
    throw error;
  });
}

/** Parsed as they come: a list of 100,000 in one go would hold Core's event loop for a quarter of a second. */
async function readEntries(response: IncomingMessage, transfer: Transfer): Promise<VersionEntry[]> {
  const decoder = new StringDecoder('utf8');
  const splitter = new EntrySplitter();
  const versions: VersionEntry[] = [];
  let size = 0;
  transfer.expect('Bucket sent no more of its list');
  for await (const chunk of response as AsyncIterable<Buffer>) {
    // no encoding is set, so they are Buffers
    transfer.expect('Bucket sent no more of its list');
    size += chunk.byteLength;
    if (size > MAX_LIST_BYTES) throw tooLarge(`it is over ${MAX_LIST_BYTES} bytes`);
    for (const entry of split(splitter, decoder.write(chunk))) versions.push(entryOf(entry));
    await setImmediate(); // the event loop's turn: chunks that are there already would follow at once
  }
  transfer.throwIfOver();
  const around = parse(splitter.around);
  if (typeof around === 'object' && around !== null && 'versions' in around && isEmptyList(around.versions)) {
    return versions;
  }
  throw badResponse('is no list of versions');
}

function split(splitter: EntrySplitter, text: string): string[] {
  try {
    return splitter.push(text);
  } catch (error) {
    throw tooLarge(wordsOf(error));
  }
}

function entryOf(text: string): VersionEntry {
  const entry = parse(text);
  if (typeof entry === 'object' && entry !== null) {
    const { version, digest, size_bytes, created_at }: { [name in keyof VersionEntry]?: unknown } = entry;
    if (
      isVersion(version) &&
      isStoredDigest(digest) &&
      isCount(size_bytes) &&
      typeof created_at === 'string'
    ) {
      return entry as VersionEntry; // each field of it was looked at
    }
  }
  throw badResponse(`has an entry that is no version but ${shown(text)}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON: the caller says so
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function tooLarge(why: string): ArtifactError {
  return new ArtifactError('response_too_large', `Bucket's list of versions is too large: ${why}.`);
}
