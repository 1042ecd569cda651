import type { IncomingMessage } from 'node:http';
import { ERROR_STATUS } from '@bhiv/contracts';
import { ArtifactError, type ArtifactErrorCode } from '../errors.ts';
import { printable, shown, wordsOf } from './shown.ts';
import type { Transfer } from './transfer.ts';

/** A small answer (metadata, an error) is read to here. */
const MAX_ANSWER_BYTES = 64 * 1024;

type Json = Readonly<Record<string, unknown>>;

/** A small answer that is a JSON object; an ArtifactError where it is not, is too large, or stops coming. */
export async function readJson(response: IncomingMessage, transfer: Transfer): Promise<Json> {
  const status = response.statusCode;
  const text = await readText(response, transfer);
  if (text === undefined) {
    const message = `Bucket's answer is over ${MAX_ANSWER_BYTES} bytes: see whether the url leads to a Bucket.`;
    throw new ArtifactError('response_too_large', message, { status });
  }
  const json = parseObject(text);
  if (json !== undefined) return json;
  throw badResponse(`is no JSON object but ${shown(text.slice(0, 60))}`, { status });
}

/** The error that an answer outside of 2xx stands for. */
export async function errorOf(response: IncomingMessage, transfer: Transfer): Promise<ArtifactError> {
  const status = response.statusCode ?? 0;
  let text: string | undefined;
  try {
    text = await readText(response, transfer);
  } catch (error) {
    transfer.throwIfOver();
    return new ArtifactError(
      plainCode(status),
      `Bucket answered ${status}, and then broke off: ${wordsOf(error)}.`,
      { status },
    );
  }
  const body = text === undefined ? undefined : parseObject(text)?.error;
  if (typeof body === 'object' && body !== null) {
    const { code, message, details }: { code?: unknown; message?: unknown; details?: unknown } = body;
    if (isKnown(code, status)) {
      const known: Json = typeof details === 'object' && details !== null ? { ...details } : {};
      const words = typeof message === 'string' ? printable(message) : `Bucket answered ${code}`;
      return new ArtifactError(code, words, {
        status,
        details: known,
        expected: figure(known.expected ?? known.limit_bytes),
        found: figure(known.found),
      });
    }
  }
  return strangeAnswer(status, text);
}

export function badResponse(
  what: string,
  parts: ConstructorParameters<typeof ArtifactError>[2] = {},
): ArtifactError {
  return new ArtifactError(
    'bad_response',
    `Bucket's answer ${what}: see whether the url leads to a Bucket.`,
    parts,
  );
}

/**
 * The body's text, or undefined where it is over the bound. It has one idle time for all of it: a small answer does
 * not drip.
 */
async function readText(response: IncomingMessage, transfer: Transfer): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  transfer.expect('Bucket did not finish its answer');
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    // no encoding is set, so they are bytes
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) return undefined;
    chunks.push(chunk);
  }
  transfer.throwIfOver();
  return Buffer.concat(chunks).toString('utf8');
}

function strangeAnswer(status: number, text: string | undefined): ArtifactError {
  const words = text === undefined ? '' : printable(text.slice(0, 200)).trim();
  const said = words === '' ? '' : `, and said ${shown(words)}`;
  const isRedirect = status >= 300 && status < 400 && status !== 304; // Not Modified
  const remedy = isRedirect
    ? 'redirects are not followed: give the client the url that it should use'
    : 'this is no answer of a Bucket: see what stands between, such as a gateway, and whether the url is right';
  return new ArtifactError(plainCode(status), `Bucket's url answered ${status}${said}: ${remedy}.`, {
    status,
  });
}

function plainCode(status: number): ArtifactErrorCode {
  if (status >= 500) return 'http_5xx';
  if (status >= 400) return 'http_4xx';
  return status >= 300 ? 'http_3xx' : 'bad_response';
}

/** A newer Bucket may use codes that this client does not know: then the status counts (docs/contract.md, Errors). */
function isKnown(code: unknown, status: number): code is keyof typeof ERROR_STATUS {
  if (typeof code !== 'string' || !Object.hasOwn(ERROR_STATUS, code)) return false;
  return ERROR_STATUS[code as keyof typeof ERROR_STATUS] === status; // it is one of its keys
}

function figure(value: unknown): string | number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined; // no JSON: the caller says so
  }
}
