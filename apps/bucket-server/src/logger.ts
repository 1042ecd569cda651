import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';
import { LogSink } from './log-sink.ts';

/** Bytes of log lines that may wait for whoever reads standard output; more are dropped. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

export type BucketLog = {
  readonly log: Logger;
  /** Waits until the log is written; false where its reader has stalled and it takes longer than `withinMs`. */
  flush(withinMs: number): Promise<boolean>;
};

/** A log of JSON lines on standard output (descriptor 1). */
export function createLog(level: Config['logLevel']): BucketLog {
  const sink = new LogSink(1, MAX_WAITING_BYTES);
  const log = pino({ level, base: { service: 'bucket' }, timestamp: pino.stdTimeFunctions.isoTime }, sink);
  return { log, flush: (withinMs) => sink.idle(withinMs) };
}
