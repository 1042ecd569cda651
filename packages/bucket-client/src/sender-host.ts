import { HeaderSource } from './headers.ts';
import { type SenderLink, startInThread, startWorker } from './link.ts';
import type { Settings } from './options.ts';
import { monotonicNow } from './shared/clock.ts';
import type { Ledger } from './shared/ledger.ts';
import type { FromSender, SenderConfig, ToSender } from './shared/messages.ts';
import type { RingMemory } from './shared/ring.ts';

/** A sender that died is not replaced sooner, so that a fault at its start cannot spin. */
const RESTART_MS = 1000;
const MAX_READS = 4;

export interface HostEvents {
  message(message: FromSender): void;
  /** The sender is gone, with all that it had. */
  lost(): void;
  /** The sender never came up, and another took its place: it has to be asked again. */
  replaced(): void;
}

/**
 * The life of the sender: started on first use, held while it has work, replaced when it dies, moved to the
 * caller's own thread where no worker can be had.
 */
export class SenderHost {
  readonly #settings: Settings;
  readonly #memory: RingMemory;
  readonly #ledger: Ledger;
  readonly #events: HostEvents;
  readonly #headers: HeaderSource;
  #thread: Settings['thread'];
  #link: SenderLink | undefined;
  #held = false;
  #stopped = false;
  #diedAt = Number.NEGATIVE_INFINITY;

  constructor(settings: Settings, memory: RingMemory, ledger: Ledger, events: HostEvents) {
    this.#settings = settings;
    this.#memory = memory;
    this.#ledger = ledger;
    this.#events = events;
    this.#thread = settings.thread;
    this.#headers = new HeaderSource(settings.headers, (headers) =>
      this.#link?.post({ type: 'headers', headers }),
    );
  }

  get running(): boolean {
    return this.#link !== undefined;
  }

  /** Died a moment ago: not to be started again yet. */
  get resting(): boolean {
    return this.#link === undefined && monotonicNow() - this.#diedAt < RESTART_MS;
  }

  /** Starts the sender if none runs. Not to be called deep in the caller's stack: it needs some itself. */
  start(): void {
    if (this.#link !== undefined || this.#stopped) return;
    this.#headers.forget();
    this.#ledger.ready = false;
    this.#link = this.#startLink();
    this.#link.hold(this.#held);
    this.#headers.refresh(monotonicNow());
  }

  post(message: ToSender): void {
    this.#headers.refresh(monotonicNow());
    this.#link?.post(message);
  }

  /** Whether pending work keeps the process alive. */
  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    this.#link?.hold(held);
  }

  /** Ends the sender for good. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const link = this.#link;
    this.#link = undefined;
    await link?.stop();
  }

  /** Asks a function of headers again if its answer is old. */
  refreshHeaders(now: number): void {
    this.#headers.refresh(now);
  }

  #startLink(): SenderLink {
    const { url, maxConcurrency, deadlineMs, tls, workerUrl } = this.#settings;
    const config: SenderConfig = {
      url,
      maxConcurrency,
      deadlineMs,
      maxReadConcurrency: Math.min(maxConcurrency, MAX_READS),
      tls,
      headers: this.#headers.initial,
      ring: this.#memory,
      ledger: this.#ledger.memory,
      settledBefore: this.#ledger.read().taken,
    };
    const events = { message: this.#events.message, died: () => this.#died() };
    if (this.#thread === 'worker') {
      try {
        return startWorker(config, workerUrl, events);
      } catch {
        this.#thread = 'main'; // this process may not have workers: the same sender runs on this thread
      }
    }
    return startInThread(config, events);
  }

  /**
   * A worker that never came up (a bundler moved its file, say) has taken nothing: this thread takes over at once. A
   * sender on this thread that could not start leaves the next attempt to a worker again.
   */
  #died(): void {
    void this.#link?.stop();
    this.#link = undefined;
    if (!this.#ledger.ready && this.#thread === 'worker') {
      this.#thread = 'main';
      this.start();
      this.post({ type: 'wake' });
      this.#events.replaced();
      return;
    }
    this.#thread = this.#settings.thread;
    this.#diedAt = monotonicNow();
    this.#held = false;
    this.#events.lost();
  }
}
