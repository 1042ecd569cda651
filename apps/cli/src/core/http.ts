import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { CliError } from './cli-error.ts';
import { withoutCredentials } from './secrets.ts';
import type { TlsFiles } from './settings.ts';

/** From the call until an answer begins, and between its pieces. */
const IDLE_MS = 10_000;
/** 1000 events of the largest default size would be more; they are never all that large. */
const MAX_BYTES = 256 * 1024 * 1024;

/** How a service is reached, the same for all its routes. */
export interface Service {
  readonly url: string;
  readonly token: string | undefined;
  readonly tls: TlsFiles | undefined;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * One request to a route that BucketClient has no call for. Gives the answer, whatever its status; rejects with CliError
 * `network`, `timeout` or `bad_response` where there is none.
 */
export async function call(service: Service, path: string, json?: object): Promise<Answer> {
  const shown = withoutCredentials(service.url);
  const base = new URL(service.url);
  const url = new URL(`${base.href.replace(/\/+$/, '')}${path}`);
  const options: RequestOptions = {
    method: json === undefined ? 'GET' : 'POST',
    agent: false,
    timeout: IDLE_MS,
    signal: service.signal,
    headers: {
      accept: 'application/json',
      ...(service.token !== undefined && { authorization: `Bearer ${service.token}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
    },
  };
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const sent = send(url, { ...options, ...service.tls }, (response) => {
        read(response).then(resolve, reject);
      });
      sent.on('timeout', () => sent.destroy(timedOut(shown)));
      sent.on('error', reject);
      sent.end(json === undefined ? undefined : JSON.stringify(json));
    });
  } catch (cause) {
    throw cause instanceof CliError ? cause : unreachable(shown, cause);
  }
}

/** The JSON object of a 200; every other answer is a CliError with the code that Bucket gave. */
export async function callJson(
  service: Service,
  path: string,
  json?: object,
): Promise<Record<string, unknown>> {
  const answer = await call(service, path, json);
  if (answer.status === 200) return objectOf(answer, service.url);
  throw errorOf(answer, service.url);
}

export function objectOf({ status, text }: Answer, url: string): Record<string, unknown> {
  const value = parse(text);
  if (value !== undefined) return value;
  const message = `${withoutCredentials(url)} answered ${status} with what is no JSON object: see whether the url is right.`;
  throw new CliError('bad_response', message);
}

export function errorOf({ status, text }: Answer, url: string): CliError {
  const error = parse(text)?.error;
  const { code, message }: { code?: unknown; message?: unknown } =
    typeof error === 'object' && error !== null ? error : {};
  const hint =
    status === 401 || status === 403
      ? 'a gateway may want a token (--token-file, BHIV_TOKEN) or a client certificate (--cert, --key).'
      : undefined;
  if (typeof code === 'string' && typeof message === 'string') return new CliError(code, message, { hint });
  const words = `${withoutCredentials(url)} answered ${status}: this is no answer of Bucket's own, see what stands between.`;
  return new CliError(status >= 500 ? 'http_5xx' : 'http_4xx', words, { found: status, hint });
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    // no encoding is set, so they are bytes
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new CliError('bad_response', `The answer has more than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined; // no JSON: the caller says so
  }
}

function timedOut(url: string): CliError {
  return new CliError('timeout', `${url} does not answer: nothing came for ${IDLE_MS / 1000} s.`);
}

function unreachable(url: string, cause: unknown): CliError {
  const { code, message } = cause as NodeJS.ErrnoException; // what Node's http rejects with
  const words = code !== undefined && !message.includes(code) ? `${code} ${message}` : message;
  return new CliError('network', `${url} cannot be reached: ${words.trim()}.`, { cause });
}
