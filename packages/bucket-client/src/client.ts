/// <reference lib="esnext.disposable" preserve="true" />
import type { AgentContext } from '@bhiv/contracts';
import { DropNotifier } from './drops.ts';
import type { Fields } from './events/checks.ts';
import type { AgentResultInput, BucketEvent, RlMetadata, TaskErrorInput } from './events/event.ts';
import { taskErrorEvent } from './events/event.ts';
import { type LazyRefusal, refuse, whatThrew } from './events/refusal.ts';
import { snapshot, snapshotOwn } from './events/snapshot.ts';
import { type BucketClientOptions, parseOptions, type Settings } from './options.ts';
import { Outbox } from './outbox.ts';
import type { RefusalReason } from './reasons.ts';
import { monotonicNow } from './shared/clock.ts';
import { type ClientStats, failureCounts, refusalCounts, withTotal } from './stats.ts';
import { TransferCalls } from './transfer-calls.ts';

const UNSERIALIZABLE = refuse('unserializable');
const CLOSE_MS = 2000;
/** Of a close's deadline, what is kept for taking the sender down. */
const SHUT_DOWN_MS = 50;

/** Makes an event of a call's input that nobody but the client holds. */
type Shape = (value: unknown) => Fields;

/** For an object literal of the client's own. */
const own: Shape = (value) => value as Fields;

/**
 * Writes what Core does to Bucket, fire and forget, and reads an agent's context back.
 *
 * For events and contexts: no method ever throws or rejects, whatever it is given and whatever Bucket does; writes
 * never block; nothing is retried; every call is accounted for in `stats()` (CONTRACT A6).
 *
 * For artifacts: every method gives a promise, which rejects with an ArtifactError, and never throws otherwise. They
 * run on the caller's thread, over sockets of their own; their code is loaded at the first call.
 *
 * Making a client starts nothing: the first call does. A bad option disables the client and is named in `problem`.
 */
export class BucketClient extends TransferCalls {
  /** Which option is bad and how to mend it; null where all are good. Check it once, at your start. */
  readonly problem: string | null;
  readonly #settings: Settings;
  readonly #drops: DropNotifier;
  readonly #refused = refusalCounts();
  readonly #reads = { calls: 0, answered: 0, failed: 0 };
  readonly #reading = new Set<Promise<unknown>>();
  #outbox: Outbox | undefined;
  #closing: Promise<boolean> | undefined;

  constructor(options?: BucketClientOptions) {
    const { settings, problem } = parseOptions(options);
    super(settings, problem);
    this.problem = problem;
    this.#settings = settings;
    this.#drops = new DropNotifier(settings.onDrop);
  }

  /**
   * Writes any event of CONTRACT A1. What it holds at the moment of the call is what is sent; a missing timestamp
   * is added.
   * @returns whether it was accepted; `stats().refused` and `onDrop` say why not. Accepted is not delivered.
   */
  writeEvent<E extends BucketEvent>(event: E): boolean {
    return this.#accept(event);
  }

  /** Writes an `rl_outcome`: the reward that an agent earned. A finite number, in the caller's own scale. */
  writeRlOutcome(agentId: string, reward: number, metadata?: RlMetadata): boolean {
    return this.#accept({ event_type: 'rl_outcome', agent_id: agentId, reward, metadata }, own);
  }

  /** Writes an `agent_result`: what an agent made of a task. */
  writeAgentResult(taskId: string, agentId: string, result: AgentResultInput): boolean {
    return this.#accept({ event_type: 'agent_result', task_id: taskId, agent_id: agentId, result }, own);
  }

  /** Writes a `task_error`. An Error is written as its name and message. */
  writeError(input: TaskErrorInput): boolean {
    return this.#accept(input, taskErrorEvent);
  }

  /**
   * What Bucket knows of an agent (CONTRACT A2), or null: where it knows nothing, and where anything went wrong.
   * Never rejects, never later than the deadline.
   */
  async readContext(agentId: string): Promise<AgentContext | null> {
    this.#reads.calls += 1;
    const reading = this.#readContext(agentId);
    this.#reading.add(reading);
    const context = await reading;
    this.#reading.delete(reading);
    if (context === undefined) this.#reads.failed += 1;
    else this.#reads.answered += 1;
    return context ?? null;
  }

  /**
   * Waits until every event accepted so far is settled: delivered, failed or expired.
   * @param deadlineMs @default 2000
   * @returns whether that came to pass in time. Never rejects.
   */
  async flush(deadlineMs = CLOSE_MS): Promise<boolean> {
    if (this.#closing !== undefined) return this.#closing;
    return this.#flush(milliseconds(deadlineMs));
  }

  /**
   * Refuses further calls, waits as `flush` does and for the transfers of artifacts, then ends the sender and all
   * sockets. Events that are left are counted as expired or failed, transfers reject with the code `closed`. A second
   * call gives the first one's answer.
   * @param deadlineMs @default 2000
   * @returns whether every accepted event was settled, and every transfer came to its end, in time. Never rejects.
   */
  close(deadlineMs = CLOSE_MS): Promise<boolean> {
    this.#closing ??= this.#close(milliseconds(deadlineMs));
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What became of every call so far. Exact at every moment. */
  stats(): ClientStats {
    const { taken = 0, delivered = 0, expired = 0, failed } = this.#outbox?.settlement() ?? {};
    const refused = withTotal(this.#refused);
    const accepted = this.#outbox?.accepted ?? 0;
    const failures = withTotal(failed ?? failureCounts());
    return {
      calls: accepted + refused.total,
      accepted,
      refused,
      delivered,
      failed: failures,
      expired,
      queued: accepted - taken,
      inFlight: taken - delivered - expired - failures.total,
      queuedBytes: this.#outbox?.queuedBytes ?? 0,
      breaker: this.#outbox?.breakerOpen === true ? 'open' : 'closed',
      reads: { ...this.#reads, pending: this.#reads.calls - this.#reads.answered - this.#reads.failed },
      callbackErrors: this.#drops.callbackErrors + this.transferCallbackErrors,
      problem: this.problem,
    };
  }

  /** Enters `#write` where the stack allows. Where it does not, that too is a refusal and no throw. */
  #accept(value: unknown, shape?: Shape): boolean {
    try {
      return this.#write(value, shape);
      /* v8 ignore next 4 -- where the stack runs out depends on what the engine has inlined so far */
    } catch {
      this.#refused.unserializable += 1;
      return false;
    }
  }

  /**
   * The one way in for every write. Whatever the caller's values do when they are read is caught here. So is a
   * stack that ran out: each try clause below also covers the call that its own body needs.
   */
  #write(value: unknown, shape?: Shape): boolean {
    let refusal: LazyRefusal | undefined;
    try {
      refusal = this.#offer(value, shape);
    } catch (error) {
      refusal = UNSERIALIZABLE;
      try {
        refusal = whatThrew(error);
        /* v8 ignore next 3 -- as above */
      } catch {
        // no stack left to look at the error with: the first guess stands
      }
    }
    if (refusal === undefined) return true;
    this.#refused[refusal.reason] += 1;
    try {
      this.#tellRefusal(refusal);
      /* v8 ignore next 3 -- as above */
    } catch {
      // no stack left to tell with: the refusal is counted all the same
    }
    return false;
  }

  #offer(value: unknown, shape?: Shape): LazyRefusal | undefined {
    const shut = this.#gate();
    if (shut !== undefined) return refuse(shut);
    const now = monotonicNow();
    const { maxEventBytes } = this.#settings;
    const body =
      shape === undefined
        ? snapshot(value, now, maxEventBytes)
        : snapshotOwn(shape(value), now, maxEventBytes);
    if (typeof body !== 'string' && !('withTimestamp' in body)) return body;
    this.#outbox ??= this.#makeOutbox();
    this.#outbox.prepare(now);
    const result = this.#outbox.push(body, now);
    if (result === 'full') return refuse('queue_overflow');
    if (result === 'too_large') return refuse('too_large');
    try {
      this.#outbox.wake(now);
      /* v8 ignore next 3 -- as above */
    } catch {
      // no stack left to wake the sender with: the event is in the queue, and the next call wakes it
    }
    return undefined;
  }

  #makeOutbox(): Outbox {
    return new Outbox(this.#settings, (drop) => this.#drops.tell(drop));
  }

  #gate(): RefusalReason | undefined {
    if (this.#closing !== undefined) return 'closed';
    if (this.problem !== null || !this.#settings.enabled) return 'disabled';
    const gate = this.#outbox?.gate();
    return gate === 'open' ? undefined : gate;
  }

  #tellRefusal({ reason, explain }: LazyRefusal): void {
    if (this.#drops.listening) this.#drops.tell({ kind: 'refused', reason, count: 1, message: explain() });
  }

  async #readContext(agentId: unknown): Promise<AgentContext | null | undefined> {
    if (typeof agentId !== 'string' || this.#closing !== undefined) return undefined;
    if (this.problem !== null || !this.#settings.enabled) return undefined;
    try {
      this.#outbox ??= this.#makeOutbox();
      /* v8 ignore next 3 -- only where the machine has no memory for the queue */
    } catch {
      return undefined;
    }
    return this.#outbox.read(agentId);
  }

  async #flush(deadlineMs: number): Promise<boolean> {
    return (await this.#outbox?.flush(deadlineMs)) ?? true;
  }

  async #close(deadlineMs: number): Promise<boolean> {
    const end = monotonicNow() + deadlineMs;
    const patience = Math.max(deadlineMs - SHUT_DOWN_MS, 1);
    const done = await Promise.all([this.#flush(patience), this.closeTransfers(patience)]);
    await this.#outbox?.shutDown(Math.max(end - monotonicNow(), 1));
    await Promise.all(this.#reading); // those that were given up
    return done.every(Boolean);
  }
}

/** A deadline as given, or the default where it is no number of ms. */
function milliseconds(value: unknown): number {
  return typeof value === 'number' && value <= 3_600_000 ? Math.max(value, 1) : CLOSE_MS;
}
