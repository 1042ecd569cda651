import type { AgentContext } from '@bhiv/contracts';
import type { Drop } from '../drops.ts';
import type { FailureReason } from '../reasons.ts';
import type { RingMemory } from './ring.ts';

/** PEM text or DER bytes, as Node's `tls` takes them. */
export interface TlsOptions {
  readonly ca?: string | Uint8Array | ReadonlyArray<string | Uint8Array>;
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
}

export type HeaderRecord = Readonly<Record<string, string>>;

/** All that a sender needs to know; it crosses the thread border once, by structured clone. */
export interface SenderConfig {
  readonly url: string;
  readonly maxConcurrency: number;
  /** From an event's call to its deadline, in ms. */
  readonly deadlineMs: number;
  readonly maxReadConcurrency: number;
  readonly tls: TlsOptions | undefined;
  /** Undefined: they come by message, and nothing is sent before. */
  readonly headers: HeaderRecord | undefined;
  readonly ring: RingMemory;
  readonly ledger: SharedArrayBuffer;
  /** Events accepted before this sender was made: its own counting starts there. */
  readonly settledBefore: number;
}

export type ToSender =
  | { readonly type: 'wake' }
  | { readonly type: 'headers'; readonly headers: HeaderRecord | null }
  | { readonly type: 'read'; readonly id: number; readonly agentId: string; readonly deadline: number }
  | { readonly type: 'flush'; readonly id: number; readonly accepted: number }
  | { readonly type: 'close' };

export type ReadOutcome =
  | { readonly context: AgentContext | null }
  | { readonly failure: FailureReason | 'breaker_open' };

export type FromSender =
  | { readonly type: 'idle'; readonly settled: number }
  | { readonly type: 'dropped'; readonly drop: Drop }
  | { readonly type: 'read'; readonly id: number; readonly outcome: ReadOutcome }
  | { readonly type: 'flushed'; readonly id: number }
  | { readonly type: 'closed' };
