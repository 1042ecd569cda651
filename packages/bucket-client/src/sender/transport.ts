import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import axios, { type AxiosInstance } from 'axios';
import pTimeout from 'p-timeout';
import type { HeaderRecord, TlsOptions } from '../shared/messages.ts';
import { secureOptions } from '../shared/secure-options.ts';
import { type Agents, boundedAdapter } from './adapter.ts';
import { failure, type Outcome, outcomeOfBody, outcomeOfStatus } from './outcome.ts';

const COMMON_HEADERS = {
  Accept: 'application/json',
  'Accept-Encoding': 'identity',
  'User-Agent': 'bhiv-bucket-client',
};
/** Below the 5 s after which uvicorn, the server of the Buckets in the field, closes an idle connection. */
const FREE_SOCKET_TIMEOUT_MS = 4000;

export interface TransportOptions {
  readonly url: string;
  readonly maxSockets: number;
  readonly tls: TlsOptions | undefined;
  readonly lookup: LookupFunction;
}

export interface BucketRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query, below the client's URL. */
  readonly url: string;
  readonly data?: Uint8Array | undefined;
  readonly headers?: HeaderRecord;
}

/** One request, one deadline, one outcome. Nothing here throws, retries or follows a redirect. */
export class Transport {
  readonly #axios: AxiosInstance;
  readonly #url: string;
  readonly #agents: Agents;
  /** No Set: one that changes with each request makes V8 keep much of what was in it until its next full collection. */
  readonly #active: AbortController[] = [];

  constructor({ url, maxSockets, tls, lookup }: TransportOptions) {
    this.#url = url;
    const pool = {
      keepAlive: true,
      maxSockets,
      maxFreeSockets: maxSockets,
      timeout: FREE_SOCKET_TIMEOUT_MS,
      scheduling: 'lifo' as const,
      lookup,
    };
    this.#agents = { http: new HttpAgent(pool), https: new HttpsAgent({ ...pool, ...secureOptions(tls) }) };
    this.#axios = axios.create({
      adapter: boundedAdapter(this.#agents),
      validateStatus: null,
      transformRequest: [],
      transformResponse: [],
      headers: { common: COMMON_HEADERS },
    });
  }

  /**
   * Sends one request and gives what came of it within `milliseconds`, connecting and reading included.
   * p-timeout settles the promise; the signal takes the socket down, which p-timeout alone would leave open.
   */
  async exchange(request: BucketRequest, headers: HeaderRecord, milliseconds: number): Promise<Outcome> {
    const controller = new AbortController();
    this.#active.push(controller);
    try {
      return await pTimeout(this.#perform(request, headers, controller.signal), {
        milliseconds,
        fallback: () => {
          controller.abort();
          return failure('timeout');
        },
      });
    } finally {
      this.#active.splice(this.#active.indexOf(controller), 1);
    }
  }

  /** Breaks what is on its way and drops every socket. */
  destroy(): void {
    for (const controller of this.#active) controller.abort();
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  async #perform(request: BucketRequest, extra: HeaderRecord, signal: AbortSignal): Promise<Outcome> {
    try {
      const { status, data } = await this.#axios.request<string | undefined>({
        ...request,
        url: this.#url + request.url,
        headers: { ...request.headers, ...extra },
        signal,
      });
      if (status < 200 || status > 299) return outcomeOfStatus(status);
      return data === undefined ? failure('response_too_large', status) : outcomeOfBody(data, status);
    } catch {
      return failure(signal.aborted ? 'timeout' : 'network');
    }
  }
}
