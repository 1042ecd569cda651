import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { ArtifactError, type ArtifactUpload } from '../../src/index.ts';
import { cleanUp } from '../support.ts';

export const REF = { bucketId: 'prod-models', artifactId: 'llama', version: 'v1' } as const;
export const UPLOAD: ArtifactUpload = { ...REF, uploadedBy: 'cluster-5', provenanceSource: 'run-47' };

export const digestOf = (bytes: Uint8Array | string) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Bytes that repeat nowhere within a piece. */
export function bytesOf(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i + 4 <= size; i += 4) bytes.writeUInt32LE(Math.imul(i + 1, 2_654_435_761) >>> 0, i);
  return bytes;
}

/** A folder that is gone after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'bhiv-client-'));
  cleanUp(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** What a call rejects with; fails the test where it does not, or where it is no ArtifactError. */
export async function failureOf(call: Promise<unknown>): Promise<ArtifactError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(ArtifactError);
  return outcome as ArtifactError; // just seen
}

/** An HTTP server of Node's that does what it is told; gives its URL. */
export async function httpServer(
  listener: RequestListener,
  onExpect?: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  if (onExpect !== undefined) server.on('checkContinue', onExpect);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return { url: `http://127.0.0.1:${port}`, server };
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

export const errorBody = (code: string, details: object = {}, message = `it is ${code}`) => ({
  error: { code, message, details },
});

/** The metadata that an honest Bucket would answer to these headers. */
export function metadataFor(request: IncomingMessage, size: number): Record<string, unknown> {
  const [, , bucketId, artifactId] = (request.url ?? '').split('/');
  const text = (name: string) => Buffer.from(String(request.headers[name] ?? ''), 'latin1').toString();
  return {
    bucket_id: bucketId,
    artifact_id: artifactId,
    version: text('x-artifact-version'),
    digest: text('x-artifact-digest'),
    size_bytes: size,
    created_at: text('x-created-at') || '2026-01-29T10:30:00.000Z',
    uploaded_by: text('x-uploaded-by'),
    provenance_source: text('x-provenance-source'),
  };
}

/** Reads a body to its end and gives its length. */
export async function lengthOf(request: IncomingMessage): Promise<number> {
  let length = 0;
  for await (const chunk of request) length += chunk.length;
  return length;
}

/** What this process has open: files by their path, sockets by their kind. Linux only; elsewhere nothing. */
export function openFiles(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // the one that listed the folder
    }
  });
}
