import { type Body, piecesOf, sha256Of } from './body.ts';
import { type Connection, getRequest, requestOf } from './connection.ts';

/** A server that bodies are sent to or fetched from, and what it speaks. */
export interface BlobServer {
  readonly kind: keyof typeof PROTOCOLS;
  readonly url: string;
}

/** A body with its digest, which takes a while to find. */
export interface Blob extends Body {
  /** 64 hex digits. */
  readonly sha256: string;
}

interface Protocol {
  /** Sends a blob and waits until the server says that it is stored. */
  upload(connection: Connection, blob: Blob, toWhom: string): Promise<void>;
  downloadPath(blob: Blob): string;
}

const bucket: Protocol = {
  async upload(connection, blob) {
    const head = requestOf('PUT', `/v1/bench/${artifactIdOf(blob)}`, {
      ...artifactHeaders(blob, '1'),
      'Content-Length': blob.bytes,
    });
    expectStatus(201, await connection.exchange(head, piecesOf(blob)), 'PUT');
  },
  downloadPath: (blob) => `/v1/bench/${artifactIdOf(blob)}?version=1`,
};

/** The push of a blob as the specification of the OCI distribution has it: POST, then one PUT with all of the bytes. */
const dockerRegistry: Protocol = {
  async upload(connection, { sha256, ...body }, url) {
    const start = requestOf('POST', '/v2/bench/blobs/uploads/', { 'Content-Length': 0 });
    expectStatus(202, await connection.exchange(start), 'POST');
    const location = new URL(connection.answer.header('location') ?? '', url);
    location.searchParams.set('digest', `sha256:${sha256}`);
    const head = requestOf('PUT', `${location.pathname}${location.search}`, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': body.bytes,
    });
    expectStatus(201, await connection.exchange(head, piecesOf(body)), 'PUT');
  },
  downloadPath: ({ sha256 }) => `/v2/bench/blobs/sha256:${sha256}`,
};

/** children/file-server.ts, which has one file. */
const fileServer: Protocol = {
  upload: () => Promise.reject(new Error('the file server takes no bytes')),
  downloadPath: () => '/',
};

const PROTOCOLS = { bucket, 'docker-registry': dockerRegistry, 'file server': fileServer };

export function blobOf(body: Body): Blob {
  return { ...body, sha256: sha256Of(body) };
}

/** Uploads a blob, and rejects where the server does not store it. */
export function upload(connection: Connection, { kind, url }: BlobServer, blob: Blob): Promise<void> {
  return PROTOCOLS[kind].upload(connection, blob, url);
}

/** Downloads a blob, counts its bytes, and rejects where they are not as many as there should be. */
export async function download(connection: Connection, server: BlobServer, blob: Blob): Promise<void> {
  expectStatus(200, await connection.exchange(getRequest(downloadPath(server, blob))), 'GET');
  const { bodyBytes } = connection.answer;
  if (bodyBytes !== blob.bytes) throw new Error(`${bodyBytes} bytes came, not ${blob.bytes}`);
}

/** The path, with its query, at which a server has a blob. */
export function downloadPath({ kind }: BlobServer, blob: Blob): string {
  return PROTOCOLS[kind].downloadPath(blob);
}

/** The headers that go with an artifact version to Bucket (CONTRACT B1). */
export function artifactHeaders({ sha256 }: Blob, version: string): Record<string, string> {
  return {
    'X-Artifact-Version': version,
    'X-Artifact-Digest': `sha256:${sha256}`,
    'X-Uploaded-By': 'bench',
    'X-Provenance-Source': 'bench',
  };
}

function artifactIdOf({ seed }: Body): string {
  return `body-${seed}`;
}

function expectStatus(expected: number, status: number, what: string): void {
  if (status !== expected) throw new Error(`the answer to ${what} was ${status}, not ${expected}`);
}
