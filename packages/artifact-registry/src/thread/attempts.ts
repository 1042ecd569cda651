import { setTimeout } from 'node:timers/promises';
import { codeOf } from '../transfer-error.ts';

const PAUSES_MS = [250, 1000, 4000];

/** What passes: a connection that broke, a Bucket or a gateway that is started again or has too much to do. */
const PASSING: ReadonlySet<string> = new Set([
  'network',
  'timeout',
  'http_5xx',
  'overloaded',
  'engine_unavailable',
  'shutting_down',
  'request_timeout',
]);

/**
 * The outcome of a call that may be made again: reads and uploads of immutable bytes may. Where it fails for a reason
 * that passes it is made again, up to three times, 0.25 s, 1 s and 4 s later.
 */
export async function withAttempts<T>(
  call: () => Promise<T>,
  signal: AbortSignal | undefined,
  pauses: readonly number[] = PAUSES_MS,
): Promise<T> {
  for (const pause of pauses) {
    try {
      return await call();
    } catch (error) {
      if (signal?.aborted || !PASSING.has(codeOf(error) ?? '')) throw error;
    }
    await setTimeout(pause, undefined, signal && { signal });
  }
  return call();
}
