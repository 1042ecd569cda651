import { type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';

/** An answer is read to here; then its connection is given up. */
const MAX_RESPONSE_BYTES = 64 * 1024;

export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/**
 * The way axios reaches the network here: one request, one answer of at most 64 KiB, no redirect, no proxy, no
 * decompression, and a signal that takes the socket down at any stage. axios' own adapter does far more, at twice
 * the cost of a request.
 *
 * `data` of the response is the body's text, or undefined where it was over the limit.
 */
export function boundedAdapter(agents: Agents): AxiosAdapter {
  return (config) =>
    new Promise<AxiosResponse<string | undefined>>((resolve, reject) => {
      const url = new URL(config.url ?? '');
      const secure = url.protocol === 'https:';
      const send = secure ? httpsRequest : httpRequest;
      const body: unknown = config.data;
      const request = send({
        ...urlToHttpOptions(url),
        method: (config.method ?? 'get').toUpperCase(),
        agent: secure ? agents.https : agents.http,
        headers: headersOf(config, body),
      });
      const abort = () => request.destroy(new Error('aborted'));
      config.signal?.addEventListener?.('abort', abort);
      request.on('error', reject);
      request.on('response', (response) => {
        readBounded(
          response,
          (data) =>
            resolve({
              data,
              status: response.statusCode ?? 0,
              statusText: response.statusMessage ?? '',
              headers: {},
              config,
              request,
            }),
          reject,
        );
      });
      request.end(body instanceof Uint8Array ? body : undefined);
    });
}

function headersOf(config: InternalAxiosRequestConfig, body: unknown): Record<string, string | number> {
  const headers: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(config.headers.toJSON())) {
    if (typeof value === 'string') headers[name] = value;
  }
  if (body instanceof Uint8Array) headers['Content-Length'] = body.byteLength;
  return headers;
}

function readBounded(
  response: IncomingMessage,
  done: (text: string | undefined) => void,
  failed: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_RESPONSE_BYTES) {
      chunks.push(chunk);
    } else {
      response.destroy();
      done(undefined);
    }
  });
  response.on('end', () => done(Buffer.concat(chunks).toString('utf8')));
  response.on('error', failed);
}
