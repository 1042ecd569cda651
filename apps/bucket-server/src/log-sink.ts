import { write } from 'node:fs';

/** After EAGAIN (somebody has made the pipe non-blocking, and it is full) the next attempt waits this long, in ms. */
const RETRY_MS = 50;

/**
 * Where the log goes: a file descriptor, written to in the background, line by line, in order. It never holds the event
 * loop and never throws: a reader that is slow or stops reading costs log lines beyond `maxWaitingBytes`, one that has
 * gone away (EPIPE) costs all of them. (process.stdout would hold the event loop while a pipe is full.)
 */
export class LogSink {
  readonly #descriptor: number;
  readonly #maxWaitingBytes: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #isBroken = false;
  #whenIdle: (() => void)[] = [];

  constructor(descriptor: number, maxWaitingBytes: number) {
    this.#descriptor = descriptor;
    this.#maxWaitingBytes = maxWaitingBytes;
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#isBroken || this.#waitingBytes + bytes.length > this.#maxWaitingBytes) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (!this.#isWriting) this.#writeNext();
  }

  /** Resolves with true when everything is written or lost, with false where that takes longer than `withinMs`. */
  idle(withinMs: number): Promise<boolean> {
    if (!this.#isWriting) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.#whenIdle.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #writeNext(): void {
    this.#isWriting = this.#waiting.length > 0;
    if (this.#isWriting) {
      const all = Buffer.concat(this.#waiting.splice(0));
      this.#writeOut(all);
    } else {
      for (const resolve of this.#whenIdle.splice(0)) resolve();
    }
  }

  #writeOut(bytes: Buffer): void {
    write(this.#descriptor, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#writeOut(bytes), RETRY_MS);
        return;
      }
      const rest = error === null ? bytes.subarray(written) : bytes.subarray(bytes.length);
      this.#waitingBytes -= bytes.length - rest.length;
      this.#isBroken ||= error !== null;
      if (this.#isBroken) this.#waiting = [];
      if (rest.length > 0) this.#writeOut(rest);
      else this.#writeNext();
    });
  }
}
