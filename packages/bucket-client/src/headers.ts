import { cleanHeaders, type Settings } from './options.ts';
import type { HeaderRecord } from './shared/messages.ts';

/** A function of headers is asked again when its last answer is older than this. */
const FRESH_MS = 1000;

/** Keeps the sender's headers up to date where the caller gave a function: functions cannot cross threads. */
export class HeaderSource {
  readonly #source: Settings['headers'];
  readonly #changed: (headers: HeaderRecord | null) => void;
  #askedAt = Number.NEGATIVE_INFINITY;
  #last: string | undefined;
  #turn = 0;
  #answered = 0;

  constructor(source: Settings['headers'], changed: (headers: HeaderRecord | null) => void) {
    this.#source = source;
    this.#changed = changed;
  }

  /** What a sender starts with: undefined where it has to wait for the first answer. */
  get initial(): HeaderRecord | undefined {
    return typeof this.#source === 'function' ? undefined : (this.#source ?? {});
  }

  /** Tells the next sender everything again. */
  forget(): void {
    this.#askedAt = Number.NEGATIVE_INFINITY;
    this.#last = undefined;
  }

  /** Asks the function if its last answer is old. Never throws: a function that does gives `null` headers. */
  refresh(now: number): void {
    if (typeof this.#source !== 'function' || now - this.#askedAt < FRESH_MS) return;
    this.#askedAt = now;
    void this.#ask(this.#source);
  }

  async #ask(source: () => HeaderRecord | Promise<HeaderRecord>): Promise<void> {
    const turn = ++this.#turn;
    let headers: HeaderRecord | null;
    try {
      const answer = source();
      headers = cleanHeaders(isPromise(answer) ? await answer : answer) ?? null;
    } catch {
      headers = null; // counted by the sender: each event that it stops fails as `headers`
    }
    if (turn < this.#answered) return; // a later question was answered first
    this.#answered = turn;
    const text = JSON.stringify(headers);
    if (text === this.#last) return;
    this.#last = text;
    this.#changed(headers);
  }
}

function isPromise(value: unknown): value is PromiseLike<HeaderRecord> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
