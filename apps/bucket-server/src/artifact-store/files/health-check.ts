import { ObjectStoreError, type ObjectStoreHealth } from '../object-store.ts';
import { asStoreError } from './failure.ts';
import { settlesWithin } from './within.ts';

/** How long `state` waits; a small write that takes longer means that the disk stalls. */
const WITHIN_MS = 1000;

/** After so long without a successful write one is tried: an idle store may have become unable to write. */
const WRITE_IS_NEWS_MS = 5000;

/** Knows from the uploads whether the store works, and finds out by a small real write where they do not tell. */
export class HealthCheck {
  readonly #probe: () => Promise<unknown>;
  readonly #look: () => Promise<unknown>;
  #lastFailure: ObjectStoreError | undefined;
  #lastSuccessAt = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;

  /** `probe` writes something; `look`, which is done each time, fails where the store is gone. */
  constructor({ probe, look }: Record<'probe' | 'look', () => Promise<unknown>>) {
    this.#probe = probe;
    this.#look = look;
  }

  noteSuccess(): void {
    this.#lastFailure = undefined;
    this.#lastSuccessAt = performance.now();
  }

  /** What is wrong with the bytes of a client says nothing about the store. */
  noteFailure(error: unknown): void {
    if (error instanceof ObjectStoreError) this.#lastFailure = error;
  }

  async state(): Promise<ObjectStoreHealth> {
    const isNews = performance.now() - this.#lastSuccessAt > WRITE_IS_NEWS_MS;
    this.#checking ??= this.#check(this.#lastFailure !== undefined || isNews);
    if (!(await settlesWithin(WITHIN_MS, this.#checking))) return 'stalled';
    if (this.#lastFailure === undefined) return 'healthy';
    return this.#lastFailure.code === 'disk_full' ? 'disk_full' : 'unavailable';
  }

  async #check(mustWrite: boolean): Promise<void> {
    try {
      await this.#look();
      if (!mustWrite) return;
      await this.#probe();
      this.noteSuccess();
    } catch (error) {
      this.noteFailure(asStoreError(error, 'a write that tries the disk'));
    } finally {
      this.#checking = undefined;
    }
  }
}
