import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';

/** Log lines that may wait in memory for whoever reads standard output; more are dropped. */
const MAX_WAITING_CHARACTERS = 4 * 1024 * 1024;

/**
 * JSON lines to standard output, written without holding the event loop: a reader that is slow, stops reading or goes
 * away (EPIPE) costs log lines, never events.
 */
export function createLogger(level: Config['logLevel']): Logger {
  const destination = pino.destination({ fd: 1, sync: false, maxLength: MAX_WAITING_CHARACTERS });
  return pino({ level, base: { service: 'bucket' }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
