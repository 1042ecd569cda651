import { once } from 'node:events';
import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { digestOf } from './bytes.ts';
import { type ArtifactName, pathOf } from './names.ts';

/** An upload by plain node:http, without our client. */
export interface Upload {
  readonly name: ArtifactName;
  /** All bytes, or the pieces to send, in order. */
  readonly body: Buffer | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** What the header says. @default the digest of `body`, which must then be a Buffer */
  readonly digest?: string;
  /** The Content-Length; undefined sends a chunked body. @default the length of `body` where it is a Buffer */
  readonly size?: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default a connection of its own */
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
}

/** What came of an upload. `status` is undefined where no whole answer came: nobody knows what was stored. */
export interface UploadAnswer {
  readonly status: number | undefined;
  /** The JSON of the answer, or null. */
  readonly body: UploadAnswerBody | null;
  /** The client's port of the connection: with it an answer is found again in a trace. */
  readonly localPort: number | undefined;
}

/** The members of an answer that tests look at: metadata, or an error (CONTRACT B). */
export interface UploadAnswerBody {
  readonly digest?: string;
  readonly size_bytes?: number;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly details: { readonly digest?: string; readonly identical?: boolean };
  };
}

/** Sends one PUT (CONTRACT B1). Never rejects: a broken connection is an answer without status. */
export function upload(base: string, options: Upload): Promise<UploadAnswer> {
  return new Promise((resolve) => {
    const outgoing = openUpload(base, options);
    let localPort: number | undefined;
    const unknown = () => resolve({ status: undefined, body: null, localPort });
    outgoing.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => (localPort = socket.localPort));
      else localPort = socket.localPort;
    });
    outgoing.on('error', unknown);
    outgoing.on('response', (response) => {
      readText(response).then((text) => {
        resolve({ status: response.statusCode, body: parseBody(text), localPort });
        // An answer may come before the end of the body: then the rest is not sent.
        if (!outgoing.writableFinished) outgoing.destroy();
      }, unknown);
    });
    sendBody(outgoing, options.body).catch((error: unknown) => outgoing.destroy(asError(error)));
  });
}

/** The PUT with its headers; no byte of the body is sent yet. */
export function openUpload(base: string, { name, body, agent, signal, ...options }: Upload): ClientRequest {
  const size = 'size' in options ? options.size : Buffer.isBuffer(body) ? body.length : undefined;
  return request(`${base}${pathOf(name)}`, {
    method: 'PUT',
    agent: agent ?? false,
    ...(signal && { signal }),
    headers: {
      'X-Artifact-Version': name.version,
      'X-Artifact-Digest': options.digest ?? (Buffer.isBuffer(body) ? digestOf(body) : ''),
      'X-Uploaded-By': 'e2e',
      'X-Provenance-Source': 'tests of apps/e2e',
      ...(size === undefined ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': String(size) }),
      ...options.headers,
    },
  });
}

async function sendBody(outgoing: ClientRequest, body: Upload['body']): Promise<void> {
  if (Buffer.isBuffer(body)) {
    outgoing.end(body);
    return;
  }
  for await (const piece of body) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(piece)) await drained(outgoing);
  }
  outgoing.end();
}

/** Resolves when more may be sent, or nothing more can be. */
async function drained(outgoing: ClientRequest): Promise<void> {
  const either = new AbortController();
  const { signal } = either;
  try {
    await Promise.race([once(outgoing, 'drain', { signal }), once(outgoing, 'close', { signal })]);
  } finally {
    either.abort();
  }
}

/** Rejects where the answer breaks off. */
export async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function parseBody(text: string): UploadAnswerBody | null {
  return text === '' ? null : JSON.parse(text);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
