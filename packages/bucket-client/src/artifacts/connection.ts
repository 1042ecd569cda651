import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { ArtifactError } from '../errors.ts';
import { cleanHeaders, type Settings } from '../options.ts';
import { sharedLookup } from '../sender/lookup.ts';
import { monotonicNow } from '../shared/clock.ts';
import type { HeaderRecord } from '../shared/messages.ts';
import { secureOptions } from '../shared/secure-options.ts';
import { wordsOf } from './shown.ts';

/** A function of headers is asked again when its last answer is older than this. */
const FRESH_MS = 1000;
/** Below the 5 s after which Node's server closes an idle connection. */
const FREE_SOCKET_TIMEOUT_MS = 4000;
const MAX_FREE_SOCKETS = 8;

const COMMON_HEADERS = { 'accept-encoding': 'identity', 'user-agent': 'bhiv-bucket-client' };
/** How a body is framed is not the caller's to say. */
const NOT_THE_CALLERS = ['transfer-encoding', 'content-length', 'connection', 'expect', 'upgrade', 'trailer'];

export interface Call {
  readonly method: 'GET' | 'PUT';
  /** Path and query, below the client's URL. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The way to one Bucket for artifacts: sockets, TLS and headers of its own, apart from those of the events. */
export class Connection {
  readonly #base: URL;
  readonly #source: Settings['headers'];
  readonly #agent: HttpAgent | HttpsAgent;
  #askedAt = Number.NEGATIVE_INFINITY;
  #headers: Promise<HeaderRecord> = Promise.resolve({});

  constructor({ url, headers, tls }: Pick<Settings, 'url' | 'headers' | 'tls'>) {
    this.#base = new URL(url);
    this.#source = headers;
    const pool = {
      keepAlive: true,
      maxFreeSockets: MAX_FREE_SOCKETS,
      timeout: FREE_SOCKET_TIMEOUT_MS,
      scheduling: 'lifo' as const,
      lookup: sharedLookup(),
    };
    this.#agent = this.#isSecure ? new HttpsAgent({ ...pool, ...secureOptions(tls) }) : new HttpAgent(pool);
  }

  /** The caller's headers of now. Rejects with an ArtifactError where their function fails. */
  callersHeaders(): Promise<HeaderRecord> {
    const now = monotonicNow();
    if (now - this.#askedAt >= FRESH_MS) {
      this.#askedAt = now;
      this.#headers = ask(this.#source);
      this.#headers.catch(() => {
        this.#askedAt = Number.NEGATIVE_INFINITY; // the next call asks again; this one is told
      });
    }
    return this.#headers;
  }

  /** Starts a request. Throws an ArtifactError where it cannot even be made. */
  request(call: Call, callersHeaders: HeaderRecord): ClientRequest {
    const { pathname } = this.#base;
    const send = this.#isSecure ? httpsRequest : httpRequest;
    try {
      const request = send({
        ...urlToHttpOptions(this.#base),
        path: pathname.replace(/\/+$/, '') + call.path,
        method: call.method,
        agent: this.#agent,
        headers: { ...callersHeaders, ...COMMON_HEADERS, ...call.headers },
      });
      // with Expect, Node writes the head in the socket's encoding, and header values are octets
      request.once('socket', (socket) => socket.setDefaultEncoding('latin1'));
      return request;
    } catch (cause) {
      // a certificate that is none, say: nothing has been sent
      throw new ArtifactError('network', `no request could be made: ${wordsOf(cause)}.`, { cause });
    }
  }

  /** Drops the sockets. */
  destroy(): void {
    this.#agent.destroy();
  }

  get #isSecure(): boolean {
    return this.#base.protocol === 'https:';
  }
}

async function ask(source: Settings['headers']): Promise<HeaderRecord> {
  try {
    const headers = cleanHeaders(typeof source === 'function' ? await source() : (source ?? {}));
    if (headers === undefined) throw new Error('it gave no record of strings that HTTP can carry');
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    return Object.fromEntries(lower.filter(([name]) => !NOT_THE_CALLERS.includes(name)));
  } catch (error) {
    const message = `the client's function of headers failed: ${wordsOf(error)}. Nothing was sent.`;
    throw new ArtifactError('headers', message, { cause: error });
  }
}
