import { channel } from 'node:diagnostics_channel';
import type { FailureReason, RefusalReason } from './reasons.ts';

/** The `node:diagnostics_channel` on which every drop is published. */
export const DROP_CHANNEL = 'bhiv:bucket-client:drop';

/** Events that Bucket will not have. They are counted in `stats()` too, under the same reason. */
export type Drop =
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly count: 1; readonly message: string }
  | {
      readonly kind: 'failed';
      readonly reason: FailureReason;
      readonly count: number;
      /** The HTTP status, where one came. */
      readonly status?: number;
    }
  | { readonly kind: 'expired'; readonly reason: 'expired'; readonly count: number };

/** Tells whoever listens. A listener that throws, or that writes another event, does no harm. */
export class DropNotifier {
  readonly #channel = channel(DROP_CHANNEL);
  readonly #onDrop: ((drop: Drop) => void) | undefined;
  #telling = false;
  #errors = 0;

  constructor(onDrop: ((drop: Drop) => void) | undefined) {
    this.#onDrop = onDrop;
  }

  /** Exceptions that `onDrop` threw. */
  get callbackErrors(): number {
    return this.#errors;
  }

  get listening(): boolean {
    return this.#onDrop !== undefined || this.#channel.hasSubscribers;
  }

  /** A drop that a listener causes while it is told of one is counted, not told: it could go on for ever. */
  tell(drop: Drop): void {
    if (this.#telling) return;
    this.#telling = true;
    try {
      const answer: unknown = this.#onDrop?.(drop);
      if (answer instanceof Promise) answer.catch(() => this.#countError());
    } catch {
      this.#countError();
    }
    // a subscriber that throws is reported by Node itself, outside this call
    if (this.#channel.hasSubscribers) this.#channel.publish(drop);
    this.#telling = false;
  }

  #countError(): void {
    this.#errors += 1;
  }
}
