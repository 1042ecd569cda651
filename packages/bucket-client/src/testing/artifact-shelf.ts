import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ArtifactMetadata } from '@bhiv/contracts';
import { checkArtifactName, checkGetArtifactQuery, checkUploadHeaders } from '@bhiv/contracts/validators';
import { refuse, send } from './answers.ts';

/** An artifact version that a test Bucket holds. */
export interface TestArtifact {
  readonly metadata: ArtifactMetadata;
  readonly bytes: Uint8Array;
}

const NAMES = [
  'x-artifact-version',
  'x-artifact-digest',
  'x-uploaded-by',
  'x-provenance-source',
  'x-created-at',
] as const;

interface Names {
  readonly bucketId: string;
  readonly artifactId: string;
}

type Headers = Partial<Record<(typeof NAMES)[number], string>>;

/** The artifact half of a test Bucket: the routes of CONTRACT B1 to B3 over artifacts in memory. */
export class ArtifactShelf {
  readonly #maxBytes: number;
  #artifacts: TestArtifact[] = [];

  /** @param maxBytes a larger artifact is answered 413 */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** In the order in which they were stored. */
  get artifacts(): readonly TestArtifact[] {
    return this.#artifacts;
  }

  clear(): void {
    this.#artifacts = [];
  }

  /** Answers a request of part B; false where it is none. `goOn` is called before the body is read. */
  async answer(request: IncomingMessage, response: ServerResponse, goOn: () => void): Promise<boolean> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const [, v1, bucketId, artifactId, versions, ...rest] = pathname.split('/');
    if (v1 !== 'v1' || bucketId === undefined || artifactId === undefined || rest.length > 0) return false;
    const names = { bucketId, artifactId };
    const read = request.method === 'GET' || request.method === 'HEAD';
    if (versions === 'versions' && read) this.#list(names, response);
    else if (versions !== undefined) return false;
    else if (read) this.#read(names, searchParams, request, response);
    else if (request.method === 'PUT') await this.#store(names, request, response, goOn);
    else return false;
    return true;
  }

  async #store(
    names: Names,
    request: IncomingMessage,
    response: ServerResponse,
    goOn: () => void,
  ): Promise<void> {
    const headers = headersOf(request);
    const wrong = Object.values(names).flatMap(checkArtifactName)[0] ?? checkUploadHeaders(headers)[0];
    if (wrong !== undefined) {
      const code = wrong.rule === 'required' ? 'missing_header' : 'invalid_header';
      return refuse(response, 400, wrong.field === 'name' ? 'invalid_name' : code, wrong.message);
    }
    const version = headers['x-artifact-version'] ?? '';
    const digest = headers['x-artifact-digest']?.toLowerCase() ?? '';
    if (this.#refusesAgain(names, version, digest, response)) return;
    const most = this.#maxBytes;
    const tooLarge = () =>
      refuse(response, 413, 'artifact_too_large', `the limit is ${most} bytes`, { limit_bytes: most });
    if (Number(request.headers['content-length'] ?? 0) > most) return tooLarge();
    goOn();
    const bytes = await bodyOf(request, most);
    if (bytes === 'too large') return tooLarge();
    if (bytes === 'broken off') return;
    const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (found !== digest) {
      const details = { expected: digest, found };
      return refuse(response, 400, 'digest_mismatch', `the body has digest ${found}, not ${digest}`, details);
    }
    if (this.#refusesAgain(names, version, digest, response)) return; // somebody was faster
    const metadata = {
      bucket_id: names.bucketId,
      artifact_id: names.artifactId,
      version,
      digest,
      size_bytes: bytes.byteLength,
      created_at: headers['x-created-at'] ?? new Date().toISOString(),
      uploaded_by: headers['x-uploaded-by'] ?? '',
      provenance_source: headers['x-provenance-source'] ?? '',
    };
    this.#artifacts.push({ metadata, bytes });
    send(response, 201, JSON.stringify(metadata));
  }

  #refusesAgain(names: Names, version: string, digest: string, response: ServerResponse): boolean {
    const stored = this.#find(names, version)?.metadata.digest;
    if (stored === undefined) return false;
    const details = { digest: stored, identical: stored === digest };
    refuse(response, 409, 'version_exists', `${version} is stored already`, details);
    return true;
  }

  #read(names: Names, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const parameters = Object.fromEntries(query);
    const [wrong] = checkGetArtifactQuery(parameters);
    if (wrong !== undefined) return refuse(response, 400, 'invalid_parameter', wrong.message);
    const version = parameters.version ?? '';
    const artifact = this.#find(names, version);
    if (artifact === undefined) return refuse(response, 404, 'artifact_not_found', `there is no ${version}`);
    const { metadata, bytes } = artifact;
    const wanted = parameters.digest?.toLowerCase();
    if (wanted !== undefined && wanted !== metadata.digest) {
      const details = { expected: wanted, found: metadata.digest };
      return refuse(response, 412, 'digest_precondition_failed', `it has ${metadata.digest}`, details);
    }
    if (parameters.metadata_only === 'true') return send(response, 200, JSON.stringify(metadata));
    sendBytes(metadata, bytes, request, response);
  }

  #list({ bucketId, artifactId }: Names, response: ServerResponse): void {
    const versions = this.#artifacts
      .map(({ metadata }) => metadata)
      .filter(({ bucket_id, artifact_id }) => bucket_id === bucketId && artifact_id === artifactId)
      .map(({ version, digest, size_bytes, created_at }) => ({ version, digest, size_bytes, created_at }));
    if (versions.length === 0) refuse(response, 404, 'artifact_not_found', `there is no ${artifactId}`);
    else send(response, 200, JSON.stringify({ versions }));
  }

  #find({ bucketId, artifactId }: Names, version: string): TestArtifact | undefined {
    return this.#artifacts.find(
      ({ metadata }) =>
        metadata.bucket_id === bucketId &&
        metadata.artifact_id === artifactId &&
        metadata.version === version,
    );
  }
}

/** The values are octets on the wire, and UTF-8 by the contract. */
function headersOf(request: IncomingMessage): Headers {
  const headers: Headers = {};
  for (const name of NAMES) {
    const value = request.headersDistinct[name]?.[0];
    if (value !== undefined) headers[name] = Buffer.from(value, 'latin1').toString('utf8');
  }
  return headers;
}

async function bodyOf(request: IncomingMessage, most: number): Promise<Buffer | 'too large' | 'broken off'> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Uint8Array>) {
      // no encoding is set, so they are bytes
      size += chunk.byteLength;
      if (size > most) return 'too large';
      chunks.push(chunk);
    }
  } catch {
    return 'broken off'; // the client went away in the middle: there is nobody left to answer
  }
  return Buffer.concat(chunks);
}

function sendBytes(
  { digest, version }: ArtifactMetadata,
  bytes: Uint8Array,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const size = bytes.byteLength;
  const etag = `"${digest}"`;
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Accept-Ranges': 'bytes',
    ETag: etag,
    'X-Artifact-Version': version,
    'X-Artifact-Digest': digest,
  };
  const { range, 'if-range': condition = etag } = request.headers;
  const [, from, to] = (condition === etag && /^bytes=(\d+)-(\d*)$/.exec(range ?? '')) || [];
  if (request.method === 'HEAD' || from === undefined) {
    response.writeHead(200, { ...headers, 'Content-Length': size });
    response.end(request.method === 'HEAD' ? undefined : bytes);
    return;
  }
  const start = Number(from);
  const end = to === '' ? size : Math.min(Number(to) + 1, size);
  if (start >= end) return refuse(response, 416, 'range_not_satisfiable', `there are ${size} bytes`);
  response.writeHead(206, {
    ...headers,
    'Content-Length': end - start,
    'Content-Range': `bytes ${start}-${end - 1}/${size}`,
  });
  response.end(bytes.subarray(start, end));
}
