import { RequestError } from '../errors.ts';
import type { Limits } from '../limits.ts';

export type PaceLimits = Pick<Limits, 'uploadStalledMs' | 'uploadLeastRate' | 'uploadRateWindowMs'>;

/**
 * Whether a client sends fast enough. Only the time that Bucket waits for the client counts, so a slow disk is never
 * held against it.
 */
export class Pace {
  readonly #limits: PaceLimits;
  /** Since the last byte. */
  #silentMs = 0;
  /** In this window, as `#bytesInWindow`. */
  #waitedMs = 0;
  #bytesInWindow = 0;
  #bytes = 0;

  constructor(limits: PaceLimits) {
    this.#limits = limits;
  }

  received(bytes: number): void {
    this.#silentMs = 0;
    this.#bytes += bytes;
    this.#bytesInWindow += bytes;
  }

  /** How long to wait for the next bytes at the most. */
  get patienceMs(): number {
    const { uploadStalledMs, uploadRateWindowMs } = this.#limits;
    return Math.max(0, Math.min(uploadStalledMs - this.#silentMs, uploadRateWindowMs - this.#waitedMs));
  }

  /** Counts a wait. Throws RequestError `request_timeout` where the client stalls or is under the least rate. */
  waited(ms: number): void {
    const { uploadStalledMs, uploadLeastRate, uploadRateWindowMs } = this.#limits;
    this.#silentMs += ms;
    this.#waitedMs += ms;
    if (this.#silentMs >= uploadStalledMs) throw this.#tooSlow(`Nothing came for ${uploadStalledMs} ms`);
    if (this.#waitedMs < uploadRateWindowMs) return;
    if (this.#bytesInWindow < (uploadLeastRate * this.#waitedMs) / 1000) {
      throw this.#tooSlow(`Fewer than ${uploadLeastRate} bytes a second came over ${uploadRateWindowMs} ms`);
    }
    this.#waitedMs = 0;
    this.#bytesInWindow = 0;
  }

  #tooSlow(what: string): RequestError {
    const { uploadStalledMs, uploadLeastRate } = this.#limits;
    const message = `${what} (${this.#bytes} bytes had come): send it again, faster. Nothing is stored.`;
    return new RequestError('request_timeout', message, {
      received_bytes: this.#bytes,
      stalled_ms: uploadStalledMs,
      least_bytes_per_second: uploadLeastRate,
    });
  }
}
