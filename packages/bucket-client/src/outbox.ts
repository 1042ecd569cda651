import type { AgentContext } from '@bhiv/contracts';
import pTimeout from 'p-timeout';
import type { Drop } from './drops.ts';
import type { EventJson } from './events/snapshot.ts';
import type { Settings } from './options.ts';
import { SenderHost } from './sender-host.ts';
import { monotonicNow } from './shared/clock.ts';
import { ENVELOPE_BYTES } from './shared/envelope.ts';
import { Ledger, type Settlement } from './shared/ledger.ts';
import type { FromSender, ReadOutcome, ToSender } from './shared/messages.ts';
import { createRingMemory, RingWriter } from './shared/ring.ts';

/** While the breaker is open, one event in this many ms is let through as the probe. */
const PROBE_MS = 1000;
/** How much longer than an event's life the process may be held for it. */
const HOLD_MARGIN_MS = 100;
/** No agent has a longer id: it would not fit a request's head. */
const MAX_AGENT_ID = 4096;
/** Reads beyond this answer null at once: nothing in Core may pile up on a slow Bucket. */
const MAX_PENDING_READS = 256;

export type PushResult = 'pushed' | 'full' | 'too_large';

/** The caller's side: the queue's entrance, and what is asked of the sender behind it. */
export class Outbox {
  readonly #settings: Settings;
  readonly #dropped: (drop: Drop) => void;
  readonly #ring: RingWriter;
  readonly #ledger = new Ledger();
  readonly #host: SenderHost;
  readonly #reads = new Map<number, (outcome: ReadOutcome) => void>();
  readonly #barriers = new Map<number, (done: boolean) => void>();
  /** What was asked and not answered, by id. */
  readonly #asked = new Map<number, ToSender>();
  readonly #sendWake = () => this.#host.post({ type: 'wake' });
  #heldFor = 0;
  #holdTimer: NodeJS.Timeout | undefined;
  #accepted = 0;
  #probedAt = Number.NEGATIVE_INFINITY;
  #fullSince: number | undefined;
  #lastId = 0;

  constructor(settings: Settings, dropped: (drop: Drop) => void) {
    this.#settings = settings;
    this.#dropped = dropped;
    const memory = createRingMemory(settings.queueBytes);
    this.#ring = new RingWriter(memory);
    this.#host = new SenderHost(settings, memory, this.#ledger, {
      message: (message) => this.#receive(message),
      lost: () => this.#lost(),
      replaced: () => this.#askAgain(),
    });
  }

  get accepted(): number {
    return this.#accepted;
  }

  get queuedBytes(): number {
    return this.#ring.usedBytes;
  }

  get breakerOpen(): boolean {
    return this.#ledger.breakerOpen;
  }

  settlement(): Settlement {
    return this.#ledger.read();
  }

  /**
   * Whether an event may be offered now. A queue that was full stays so until something left it, and an open
   * breaker lets one event a second through: overload and outage cost the caller next to nothing.
   */
  gate(): 'open' | 'queue_overflow' | 'breaker_open' {
    if (this.#fullSince !== undefined) {
      if (this.#ring.taken === this.#fullSince) return 'queue_overflow';
      this.#fullSince = undefined;
    }
    if (!this.#host.running && this.#host.resting) return 'breaker_open';
    if (this.#ledger.breakerOpen) {
      const now = monotonicNow();
      if (now < this.#ledger.probeAt || now - this.#probedAt < PROBE_MS) return 'breaker_open';
    }
    return 'open';
  }

  push(event: EventJson, now: number): PushResult {
    if (this.#ring.holds(this.#settings.queueEvents, this.#accepted)) return this.#full();
    const { deadlineMs, maxEventBytes } = this.#settings;
    const room = maxEventBytes - ENVELOPE_BYTES;
    const hasTimestamp = typeof event !== 'string';
    const json = hasTimestamp ? event.withTimestamp : event;
    const result = this.#ring.push(json, hasTimestamp, now + deadlineMs, room);
    if (result === 'full') return this.#full();
    if (result === 'too_large') return result;
    this.#accepted += 1;
    if (this.#ledger.breakerOpen) this.#probedAt = now;
    return result;
  }

  #full(): PushResult {
    this.#fullSince = this.#ring.taken;
    return 'full';
  }

  /**
   * To be called before a push. The first call may come from the bottom of a deep stack, where a start could fail half
   * way: it is then made on a fresh stack, right behind the caller.
   */
  prepare(now: number): void {
    if (this.#host.running) return;
    queueMicrotask(() => {
      if (this.#ring.usedBytes > 0) this.#wakeNow(now);
    });
  }

  /** Tells the sender of what was pushed, and keeps the process alive until that is done. */
  wake(now: number): void {
    if (this.#host.running || !isStackDeep()) this.#wakeNow(now);
  }

  #wakeNow(now: number): void {
    this.#host.start();
    this.#host.refreshHeaders(now);
    this.#hold(now);
    this.#ring.wake(this.#sendWake);
  }

  /** The process is held no longer than events live, even where the sender cannot say that it is done. */
  #hold(now: number): void {
    this.#heldFor = now;
    this.#host.hold(true);
    this.#holdTimer ??= setTimeout(() => this.#letGo(), this.#settings.deadlineMs + HOLD_MARGIN_MS).unref();
  }

  #letGo(): void {
    this.#holdTimer = undefined;
    const left = this.#heldFor + this.#settings.deadlineMs + HOLD_MARGIN_MS - monotonicNow();
    if (left > 0) this.#holdTimer = setTimeout(() => this.#letGo(), left).unref();
    else this.#host.hold(false);
  }

  /** The agent's context, null where there is none, undefined where it could not be had in time. */
  async read(agentId: string): Promise<AgentContext | null | undefined> {
    const { deadlineMs } = this.#settings;
    const deadline = monotonicNow() + deadlineMs;
    if (agentId.length > MAX_AGENT_ID || this.#reads.size >= MAX_PENDING_READS) return undefined;
    if (this.#host.resting) return undefined;
    const id = ++this.#lastId;
    const answer = new Promise<ReadOutcome>((resolve) => this.#reads.set(id, resolve));
    const outcome = await pTimeout(this.#ask(id, { type: 'read', id, agentId, deadline }, answer), {
      milliseconds: deadlineMs,
      fallback: (): ReadOutcome => ({ failure: 'timeout' }),
    });
    this.#reads.delete(id);
    return 'context' in outcome ? outcome.context : undefined;
  }

  /** True once everything accepted so far is settled, false when that takes longer than `milliseconds`. */
  async flush(milliseconds: number): Promise<boolean> {
    const accepted = this.#accepted;
    return this.#barrier(milliseconds, (id) => ({ type: 'flush', id, accepted }));
  }

  /** Ends the sender: what is not settled within `milliseconds` is given up, and accounted for. */
  async shutDown(milliseconds: number): Promise<void> {
    await this.#barrier(milliseconds, () => ({ type: 'close' }));
    await this.#host.stop();
    const { failed, expired } = this.#settleRest('timeout');
    if (failed > 0) this.#dropped({ kind: 'failed', reason: 'timeout', count: failed });
    if (expired > 0) this.#dropped({ kind: 'expired', reason: 'expired', count: expired });
    clearTimeout(this.#holdTimer);
  }

  async #barrier(milliseconds: number, message: (id: number) => ToSender): Promise<boolean> {
    const id = ++this.#lastId;
    const reached = new Promise<boolean>((resolve) => this.#barriers.set(id, resolve));
    const done = await pTimeout(this.#ask(id, message(id), reached), { milliseconds, fallback: () => false });
    this.#barriers.delete(id);
    return done;
  }

  /** Posts a question on a fresh stack, to a sender that is started for it if need be, and awaits the answer. */
  async #ask<T>(id: number, message: ToSender, answer: Promise<T>): Promise<T> {
    await undefined;
    this.#host.start();
    this.#asked.set(id, message);
    this.#host.post(message);
    return answer.finally(() => this.#asked.delete(id));
  }

  #askAgain(): void {
    for (const message of this.#asked.values()) this.#host.post(message);
  }

  #receive(message: FromSender): void {
    switch (message.type) {
      case 'idle':
        if (message.settled === this.#accepted) this.#host.hold(false);
        return;
      case 'dropped':
        return this.#dropped(message.drop);
      case 'read':
        return this.#reads.get(message.id)?.(message.outcome);
      case 'flushed':
        return this.#barriers.get(message.id)?.(true);
      case 'closed':
        return this.#reachAll();
    }
  }

  #lost(): void {
    const { failed } = this.#settleRest('worker');
    if (failed > 0) this.#dropped({ kind: 'failed', reason: 'worker', count: failed });
  }

  /** Settles what a sender that is gone will not: events, reads as null, barriers as reached. */
  #settleRest(reason: 'worker' | 'timeout'): { failed: number; expired: number } {
    const settled = this.#ledger.settleAll(this.#accepted, reason);
    this.#ledger.setBreaker(false, 0);
    this.#ring.reset(this.#accepted);
    for (const answer of this.#reads.values()) answer({ failure: 'worker' });
    this.#reachAll();
    return settled;
  }

  #reachAll(): void {
    for (const reached of this.#barriers.values()) reached(true);
  }
}

/** Whether so little stack is left that starting a worker on it could fail half way. */
function isStackDeep(): boolean {
  const dive = (frames: number): number => (frames === 0 ? 0 : 1 + dive(frames - 1));
  try {
    dive(1000);
    return false;
  } catch {
    return true;
  }
}
