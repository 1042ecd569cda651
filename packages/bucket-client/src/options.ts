import type { Drop } from './drops.ts';
import type { HeaderRecord, TlsOptions } from './shared/messages.ts';

/** Every option has a default; `new BucketClient()` talks to a Bucket on this machine. */
export interface BucketClientOptions {
  /**
   * Where Bucket is. A path in it is kept, for a gateway.
   * @default 'http://127.0.0.1:8001'
   * @example 'https://bucket.example.com/memory'
   */
  readonly url?: string;
  /**
   * `false` makes every call a refused one (`disabled`).
   * @default true
   */
  readonly enabled?: boolean;
  /**
   * ms after the call at which an event or a read is given up, waiting, connecting and reading included.
   * @default 2000, which is also the most (CONTRACT A6)
   */
  readonly deadlineMs?: number;
  /**
   * Requests on their way at once; reads have as many sockets of their own, up to 4.
   * @default 8
   */
  readonly maxConcurrency?: number;
  /**
   * Bytes of events that may wait, rounded up to a power of two. Allocated once, used as needed.
   * @default 8388608 (8 MiB)
   */
  readonly queueBytes?: number;
  /**
   * Events that may wait.
   * @default 65536
   */
  readonly queueEvents?: number;
  /**
   * Largest request body in bytes, at most half of `queueBytes`; a larger event is refused (`too_large`). Bucket's
   * own limit is 1 MiB by default.
   * @default 1048576 (1 MiB)
   */
  readonly maxEventBytes?: number;
  /**
   * Headers for every request, such as a gateway's bearer token. A function is asked again once a second at the
   * most, so that tokens can rotate; it may return a promise. Never logged.
   */
  readonly headers?: HeaderRecord | (() => HeaderRecord | Promise<HeaderRecord>);
  /** CA, client certificate and key for https. Never logged. */
  readonly tls?: TlsOptions;
  /** Told of every event that was refused or lost. What it throws is counted in `stats().callbackErrors`. */
  readonly onDrop?: (drop: Drop) => void;
  /**
   * Where the HTTP work is done. In a worker thread it takes no time from Core, and goes on while Core computes.
   * `'main'` saves the thread's memory (some 15 MB) at the price of some 0.2 ms of Core's time for each event.
   * Where no worker can be started, the client falls back to `'main'` by itself.
   * @default 'worker'
   */
  readonly thread?: 'worker' | 'main';
  /**
   * The worker's file, for a Core that is bundled into one file.
   * @default the file that comes with this package
   */
  readonly workerUrl?: URL;
}

/** The options with every default in place. */
export interface Settings {
  readonly url: string;
  readonly enabled: boolean;
  readonly deadlineMs: number;
  readonly maxConcurrency: number;
  readonly queueBytes: number;
  readonly queueEvents: number;
  readonly maxEventBytes: number;
  readonly headers: BucketClientOptions['headers'];
  readonly tls: TlsOptions | undefined;
  readonly onDrop: ((drop: Drop) => void) | undefined;
  readonly thread: 'worker' | 'main';
  readonly workerUrl: URL | undefined;
}

const DEFAULT_URL = 'http://127.0.0.1:8001';
const MiB = 1024 * 1024;

const NUMBERS = {
  deadlineMs: { fallback: 2000, least: 20, most: 2000 },
  maxConcurrency: { fallback: 8, least: 1, most: 256 },
  queueBytes: { fallback: 8 * MiB, least: 4096, most: 1024 * MiB },
  queueEvents: { fallback: 65_536, least: 1, most: 2 ** 30 },
  maxEventBytes: { fallback: MiB, least: 256, most: 64 * MiB },
} as const;

interface Parsed {
  readonly settings: Settings;
  readonly problem: string | null;
}

type NumberName = keyof typeof NUMBERS;

/**
 * Parses options and never throws. A bad one disables the client, and `problem` says which it is: a Core with a
 * wrong setting must start all the same.
 */
export function parseOptions(options: unknown): Parsed {
  try {
    return parse(options);
  } catch {
    const { settings } = parse(undefined);
    return { settings, problem: 'the options cannot be read: a value of them throws when it is looked at' };
  }
}

function parse(options: unknown): Parsed {
  const problems: string[] = [];
  const given = readOptions(options, problems);
  const number = (name: NumberName): number => {
    const { fallback, least, most } = NUMBERS[name];
    const value = given[name] ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    problems.push(`${name} is ${String(value)}: give an integer from ${least} to ${most}`);
    return fallback;
  };
  const choice = <T>(name: keyof BucketClientOptions, value: T, good: boolean, remedy: string): T => {
    if (!good)
      problems.push(`${name} is ${typeof value === 'string' ? value : typeof value}: give ${remedy}`);
    return value;
  };
  const { enabled = true, thread = 'worker', workerUrl } = given;
  const onDrop = given.onDrop ?? undefined;
  const tls = given.tls ?? undefined;
  const queueBytes = number('queueBytes');
  const settings: Settings = {
    url: parseUrl(given.url ?? DEFAULT_URL, problems),
    enabled: choice('enabled', enabled, typeof enabled === 'boolean', 'true or false'),
    deadlineMs: number('deadlineMs'),
    maxConcurrency: number('maxConcurrency'),
    queueBytes,
    queueEvents: number('queueEvents'),
    maxEventBytes: Math.min(number('maxEventBytes'), queueBytes / 2),
    headers: parseHeaders(given.headers, problems),
    tls: choice('tls', tls, tls === undefined || isTls(tls), 'an object with ca, cert or key'),
    onDrop: choice('onDrop', onDrop, onDrop === undefined || typeof onDrop === 'function', 'a function'),
    thread: choice('thread', thread, thread === 'worker' || thread === 'main', '"worker" or "main"'),
    workerUrl: choice(
      'workerUrl',
      workerUrl,
      workerUrl === undefined || workerUrl instanceof URL,
      'a URL object',
    ),
  };
  return { settings, problem: problems.length === 0 ? null : problems.join('; ') };
}

/** A copy of the options, read once: they may be the caller's live object, or no object at all. */
function readOptions(options: unknown, problems: string[]): BucketClientOptions {
  if (options === undefined || options === null) return {};
  if (typeof options !== 'object') {
    problems.push('the options are no object: give {url: "http://127.0.0.1:8001"} or nothing');
    return {};
  }
  try {
    return { ...options };
  } catch {
    problems.push('the options cannot be read');
    return {};
  }
}

function isTls(tls: unknown): boolean {
  if (typeof tls !== 'object' || tls === null) return false;
  const isPem = (value: unknown) => typeof value === 'string' || value instanceof Uint8Array;
  const { ca, cert, key }: { ca?: unknown; cert?: unknown; key?: unknown } = tls;
  const goodCa = ca === undefined || isPem(ca) || (Array.isArray(ca) && ca.every(isPem));
  return goodCa && [cert, key].every((value) => value === undefined || isPem(value));
}

function parseUrl(text: unknown, problems: string[]): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const shown = typeof text === 'string' ? `"${text.replace(/^.*@/, '***@')}"` : typeof text;
    problems.push(`url is ${shown}: give http://host:port or https://host`);
    return DEFAULT_URL;
  }
  if (/[?#]/.test(url.href)) problems.push('url has a query or a fragment: give it without');
  return url.href.replace(/\/+$/, '');
}

function parseHeaders(headers: unknown, problems: string[]): BucketClientOptions['headers'] {
  if (headers === undefined || headers === null) return undefined;
  // the function's results are checked by cleanHeaders each time it is asked
  if (typeof headers === 'function') return headers as () => HeaderRecord;
  const clean = cleanHeaders(headers);
  if (clean === undefined)
    problems.push('headers are not a record of strings that HTTP can carry (their values are not shown)');
  return clean;
}

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** A copy of a header record, or undefined where HTTP cannot carry it (RFC 9110, 5.1 and 5.5). */
export function cleanHeaders(value: unknown): HeaderRecord | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const copy: Record<string, string> = {};
  const entries =
    Symbol.iterator in value ? [...(value as Iterable<[string, unknown]>)] : Object.entries(value);
  for (const [name, text] of entries) {
    if (typeof text !== 'string' || !HEADER_NAME.test(name) || !HEADER_VALUE.test(text)) return undefined;
    copy[name] = text;
  }
  return copy;
}
