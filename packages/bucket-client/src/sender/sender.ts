import type { MessagePort } from 'node:worker_threads';
import { REQUESTER_ID } from '@bhiv/contracts';
import type { Drop } from '../drops.ts';
import { monotonicNow, wallClockAt } from '../shared/clock.ts';
import { envelope } from '../shared/envelope.ts';
import { Ledger } from '../shared/ledger.ts';
import type { FromSender, HeaderRecord, ReadOutcome, SenderConfig, ToSender } from '../shared/messages.ts';
import { RingReader } from '../shared/ring.ts';
import { CircuitBreaker } from './breaker.ts';
import { contextOf } from './context.ts';
import { sharedLookup } from './lookup.ts';
import { failure, type Outcome } from './outcome.ts';
import { Transport } from './transport.ts';

/** Idleness is told once it has lasted: a message to the caller's thread for every event would cost Core time. */
const IDLE_AFTER_MS = 10;
/** How long the sender stays awake behind an event, and how often it looks meanwhile. */
const LINGER_MS = 30;
const LOOK_AGAIN_MS = 4;
/** An event with less time left is not sent: it could only be stored and counted as failed. */
const MIN_SEND_MS = 5;
const JSON_BODY = { 'Content-Type': 'application/json' };

/**
 * The sending half: takes events from the ring, posts each once, and writes down what became of it. It runs in a
 * worker thread; with `thread: 'main'` the same code runs beside the caller, over the same kind of port.
 */
export class Sender {
  readonly #port: MessagePort;
  readonly #ring: RingReader;
  readonly #ledger: Ledger;
  readonly #maxConcurrency: number;
  readonly #deadlineMs: number;
  /** While the breaker is open, an event with less time left is given up: it would make a poor probe. */
  readonly #probeLeastMs: number;
  readonly #events: Transport;
  readonly #reads: Transport;
  readonly #breaker: CircuitBreaker;
  readonly #readBreaker = new CircuitBreaker();
  readonly #inFlight = new Set<number>();
  readonly #barriers = new Map<number, number>();
  /** Undefined: not known yet, events wait. Null: the caller's function failed, events fail. */
  #headers: HeaderRecord | null | undefined;
  #taken: number;
  #timer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #expired = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  /** How long answers took lately, a moving average. */
  #answerMs = 0;
  /** Reads that wait for the first headers. */
  readonly #headersAwaited: Array<() => void> = [];
  #closed = false;

  constructor(port: MessagePort, config: SenderConfig) {
    this.#port = port;
    this.#ring = new RingReader(config.ring);
    this.#ledger = new Ledger(config.ledger);
    this.#breaker = new CircuitBreaker((open, probeAt) => this.#ledger.setBreaker(open, probeAt));
    this.#maxConcurrency = config.maxConcurrency;
    this.#deadlineMs = config.deadlineMs;
    this.#probeLeastMs = config.deadlineMs / 2;
    this.#headers = config.headers;
    this.#taken = config.settledBefore;
    const shared = { url: config.url, tls: config.tls, lookup: sharedLookup() };
    this.#events = new Transport({ ...shared, maxSockets: config.maxConcurrency });
    this.#reads = new Transport({ ...shared, maxSockets: config.maxReadConcurrency });
    this.#ledger.ready = true;
  }

  receive(message: ToSender): void {
    switch (message.type) {
      case 'wake':
        return this.#pump();
      case 'headers':
        this.#headers = message.headers;
        for (const go of this.#headersAwaited.splice(0)) go();
        return this.#pump();
      case 'read':
        void this.#read(message.id, message.agentId, message.deadline);
        return;
      case 'flush':
        this.#barriers.set(message.id, message.accepted);
        return this.#pump();
      case 'close':
        return this.#close();
    }
  }

  /** Sends what may be sent now, expires what is too old, and arranges to be called again. */
  #pump(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const deadline = this.#ring.peek();
      const now = monotonicNow();
      if (deadline === undefined) {
        if (this.#lingers(now) || this.#ring.sleep()) break;
      } else if (deadline - now < this.#leastTimeLeft(now) || this.#closed) {
        this.#expireOne();
      } else if (this.#headers === undefined || this.#inFlight.size >= this.#maxConcurrency) {
        this.#pumpAt(deadline - this.#leastTimeLeft(now), now);
        break;
      } else if (!this.#breaker.tryEnter(now)) {
        this.#pumpAt(Math.min(deadline, this.#breaker.probeAt), now);
        break;
      } else {
        void this.#send(deadline - now);
      }
    }
    this.#report();
  }

  /**
   * Soon after an event the next one is near: the sender then looks by itself, since waking it costs the caller more
   * than all the rest of a call.
   */
  #lingers(now: number): boolean {
    if (this.#closed || now - this.#sentAt > LINGER_MS) return false;
    this.#timer = setTimeout(() => this.#pump(), LOOK_AGAIN_MS);
    return true;
  }

  /**
   * What an event must have left to be worth sending. A probe that has no time to be answered would keep the breaker
   * open. And where more comes than Bucket can take, the oldest event is always about to expire: sent with less time
   * than Bucket needs, each would be stored and counted as failed, or lost, and not one delivered.
   */
  #leastTimeLeft(now: number): number {
    if (this.#breaker.open && now >= this.#breaker.probeAt) return this.#probeLeastMs;
    return Math.min(Math.max(MIN_SEND_MS, 1.5 * this.#answerMs), this.#probeLeastMs);
  }

  #pumpAt(moment: number, now: number): void {
    this.#timer = setTimeout(() => this.#pump(), Math.max(0, Math.ceil(moment - now)));
  }

  #expireOne(): void {
    this.#ledger.countTaken();
    this.#taken += 1;
    this.#ring.drop();
    this.#ledger.countExpired();
    this.#expired += 1;
  }

  async #send(milliseconds: number): Promise<void> {
    this.#ledger.countTaken();
    const sentAt = monotonicNow();
    this.#sentAt = sentAt;
    const sequence = ++this.#taken;
    this.#inFlight.add(sequence);
    const record = this.#ring.take();
    const body = record && envelope(record, wallClockAt(record.deadline - this.#deadlineMs));
    const outcome = await this.#post(body, milliseconds);
    this.#answerMs += (monotonicNow() - sentAt - this.#answerMs) / 8;
    this.#inFlight.delete(sequence);
    // a timeout of an event that had little time left when it was sent says nothing of Bucket
    const hurried = !outcome.delivered && outcome.reason === 'timeout' && milliseconds < this.#probeLeastMs;
    if (!hurried) this.#breaker.record(outcome, monotonicNow());
    if (outcome.delivered) {
      this.#ledger.countDelivered();
    } else {
      this.#ledger.countFailed(outcome.reason);
      const { reason, status } = outcome;
      this.#dropped({ kind: 'failed', reason, count: 1, ...(status !== undefined && { status }) });
    }
    this.#pump();
  }

  async #post(data: Buffer | undefined, milliseconds: number): Promise<Outcome> {
    if (!this.#headers) return failure('headers');
    return this.#events.exchange(
      { method: 'POST', url: '/core/write-event', data, headers: JSON_BODY },
      this.#headers,
      milliseconds,
    );
  }

  async #read(id: number, agentId: string, deadline: number): Promise<void> {
    this.#tell({ type: 'read', id, outcome: await this.#readContext(agentId, deadline) });
  }

  async #readContext(agentId: string, deadline: number): Promise<ReadOutcome> {
    if (this.#headers === undefined) await new Promise<void>((go) => this.#headersAwaited.push(go));
    const now = monotonicNow();
    if (deadline <= now) return { failure: 'timeout' };
    if (!this.#headers) return { failure: 'headers' };
    if (!this.#readBreaker.tryEnter(now)) return { failure: 'breaker_open' };
    const query = new URLSearchParams({ agent_id: agentId, requester_id: REQUESTER_ID });
    const request = { method: 'GET', url: `/core/read-context?${query}` } as const;
    const outcome = await this.#reads.exchange(request, this.#headers, deadline - now);
    this.#readBreaker.record(outcome, monotonicNow());
    if (!outcome.delivered) return { failure: outcome.reason };
    const context = contextOf(outcome.body);
    return context === undefined ? { failure: 'bad_response' } : { context };
  }

  /** Barriers that are behind us, expiries since the last report, and whether all is done. */
  #report(): void {
    if (this.#expired > 0) {
      this.#dropped({ kind: 'expired', reason: 'expired', count: this.#expired });
      this.#expired = 0;
    }
    const [oldest] = this.#inFlight;
    for (const [id, accepted] of this.#barriers) {
      if (this.#taken < accepted || (oldest !== undefined && oldest <= accepted)) continue;
      this.#barriers.delete(id);
      this.#tell({ type: 'flushed', id });
    }
    clearTimeout(this.#idleTimer);
    if (this.#inFlight.size > 0 || this.#ring.peek() !== undefined) return;
    if (this.#closed) this.#tell({ type: 'closed' });
    else
      this.#idleTimer = setTimeout(() => this.#tell({ type: 'idle', settled: this.#taken }), IDLE_AFTER_MS);
  }

  /** Gives up what is left: queued events expire, those on their way fail as `timeout`. */
  #close(): void {
    this.#closed = true;
    this.#events.destroy();
    this.#reads.destroy();
    this.#pump();
  }

  #dropped(drop: Drop): void {
    this.#tell({ type: 'dropped', drop });
  }

  #tell(message: FromSender): void {
    this.#port.postMessage(message);
  }
}
