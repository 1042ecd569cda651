import { asRequestError, ClientGoneError } from '../errors.ts';
import type { OperationMetrics } from './metrics.ts';

/** Runs one operation and counts it. Resolves with how long it took, in ms; `ended` gets that where it fails too. */
export async function observe(
  metrics: OperationMetrics,
  work: () => Promise<string>,
  ended: (durationMs: number) => void = () => {},
): Promise<void> {
  const started = performance.now();
  metrics.inFlight.inc();
  let outcome = 'internal_error';
  try {
    outcome = await work();
  } catch (error) {
    outcome = outcomeOf(error);
    throw error;
  } finally {
    const durationMs = performance.now() - started;
    metrics.inFlight.dec();
    metrics.seconds.observe(durationMs / 1000);
    metrics.total.inc({ outcome });
    ended(durationMs);
  }
}

/** The word under which a failure is counted: the code of its answer. */
export function outcomeOf(error: unknown): string {
  if (error instanceof ClientGoneError) return 'client_gone';
  return asRequestError(error)?.code ?? 'unknown';
}
