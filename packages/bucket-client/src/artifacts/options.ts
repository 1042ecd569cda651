import { ArtifactError } from '../errors.ts';
import { digestOf, isCount, refusal } from './rules.ts';

/** Bucket's own default limit. */
const DEFAULT_MAX_BYTES = 5 * 1024 ** 3;
const DEFAULT_IDLE_MS = 60_000;
const MAX_IDLE_MS = 24 * 3_600_000;
const DEFAULT_READ_BYTES = 64 * 1024 ** 2;

type Given = Readonly<Record<string, unknown>>;

export interface CommonOptions {
  readonly signal: AbortSignal | undefined;
  readonly idleTimeoutMs: number;
}

/** What a caller's function throws is told to `failed` and goes no further. */
export type Listener = ((value: unknown) => unknown) | undefined;

export function givenOf(options: unknown): Given {
  if (options === undefined || options === null) return {};
  if (typeof options === 'object') return { ...options };
  throw refusal('options', options, 'must be an object: give {signal, idleTimeoutMs, ...} or nothing');
}

export function commonOptions(given: Given): CommonOptions {
  const { signal, idleTimeoutMs = DEFAULT_IDLE_MS } = given;
  if (signal !== undefined && !isSignal(signal)) {
    throw refusal('signal', signal, 'must be an AbortSignal: give the signal of an AbortController');
  }
  if (!isCount(idleTimeoutMs) || idleTimeoutMs < 1 || idleTimeoutMs > MAX_IDLE_MS) {
    throw refusal('idleTimeoutMs', idleTimeoutMs, `must be a whole number of ms from 1 to ${MAX_IDLE_MS}`);
  }
  return { signal, idleTimeoutMs };
}

export function uploadOptions(given: Given) {
  const { spool = false } = given;
  if (typeof spool !== 'boolean' && (typeof spool !== 'string' || spool === '')) {
    throw refusal('spool', spool, 'must be true, false or the path of a folder');
  }
  return {
    ...commonOptions(given),
    onProgress: listenerOf(given, 'onProgress'),
    onWarning: listenerOf(given, 'onWarning'),
    allowEmpty: flagOf(given, 'allowEmpty', false),
    maxBytes: bytesOf(given, 'maxBytes', DEFAULT_MAX_BYTES),
    spool,
  };
}

export function downloadOptions(given: Given) {
  return {
    ...commonOptions(given),
    onProgress: listenerOf(given, 'onProgress'),
    digest: wantedDigest(given),
    overwrite: flagOf(given, 'overwrite', true),
  };
}

export function readOptions(given: Given) {
  return {
    ...commonOptions(given),
    digest: wantedDigest(given),
    range: rangeOf(given.range),
    into: memoryOf(given.into),
    maxBytes: bytesOf(given, 'maxBytes', DEFAULT_READ_BYTES),
  };
}

function wantedDigest({ digest }: Given): string | undefined {
  return digest === undefined ? undefined : digestOf('digest', digest);
}

function rangeOf(range: unknown): { start: number; end: number } | undefined {
  if (range === undefined) return undefined;
  const { start, end }: { start?: unknown; end?: unknown } =
    typeof range === 'object' && range !== null ? range : {};
  if (isCount(start) && isCount(end) && start < end) return { start, end };
  const found = typeof range === 'object' ? `{start: ${String(start)}, end: ${String(end)}}` : range;
  throw refusal('range', found, 'must have a start and, behind it, an end: whole numbers of bytes');
}

function memoryOf(into: unknown): Uint8Array | undefined {
  if (into === undefined || into instanceof Uint8Array) return into;
  throw refusal('into', into, 'must be a Uint8Array: give memory to read into, or nothing');
}

function listenerOf(given: Given, field: string): Listener {
  const listener = given[field];
  if (listener === undefined) return undefined;
  if (typeof listener === 'function') return (value) => listener(value);
  throw refusal(field, listener, 'must be a function');
}

function flagOf(given: Given, field: string, fallback: boolean): boolean {
  const flag = given[field] ?? fallback;
  if (typeof flag === 'boolean') return flag;
  throw refusal(field, flag, 'must be true or false');
}

function bytesOf(given: Given, field: string, fallback: number): number {
  const bytes = given[field] ?? fallback;
  if (isCount(bytes)) return bytes;
  throw refusal(field, bytes, 'must be a number of bytes: give a whole number');
}

function isSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    'addEventListener' in value &&
    typeof value.addEventListener === 'function'
  );
}

/** Over the limit. */
export function tooLarge(size: number, maxBytes: number): ArtifactError {
  const message = `the artifact has ${size} bytes, and the limit is ${maxBytes}: publish it with \`bhiv publish\`, which splits it, or raise maxBytes where the Bucket takes more.`;
  return new ArtifactError('artifact_too_large', message, { expected: maxBytes, found: size });
}
