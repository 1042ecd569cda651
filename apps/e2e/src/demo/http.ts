import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/** An answer with its body to the byte, and how long it took (ms). */
export type Answer = { status: number; body: Buffer; tookMs: number };

/**
 * One request on a connection of its own, so that none is left over from a server that was killed.
 * Rejects when the server is not there, or after 30 s, or on `signal`.
 */
export async function call(url: string, signal: AbortSignal, json?: object): Promise<Answer> {
  const started = performance.now();
  const sent = request(url, {
    method: json === undefined ? 'GET' : 'POST',
    headers: json === undefined ? {} : { 'Content-Type': 'application/json' },
    agent: false,
    signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
  });
  sent.end(json === undefined ? undefined : JSON.stringify(json));
  const [response]: IncomingMessage[] = await once(sent, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response ?? []) chunks.push(chunk);
  return {
    status: response?.statusCode ?? 0,
    body: Buffer.concat(chunks),
    tookMs: performance.now() - started,
  };
}

/** The JSON of an answer that must be 200. */
export async function callJson(url: string, signal: AbortSignal, json?: object): Promise<unknown> {
  const { status, body } = await call(url, signal, json);
  if (status !== 200) throw new Error(`${url} answered ${status}: ${body.toString().slice(0, 300)}`);
  return JSON.parse(body.toString());
}
