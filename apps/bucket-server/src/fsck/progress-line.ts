import type { FsckProgress } from './run-fsck.ts';

/** What is needed of a stream. */
export type Output = {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  on?(event: 'error', listener: (error: unknown) => void): unknown;
};

/** Where the output is no terminal, a line comes this often. */
const LINE_MS = 5000;

/** Progress on standard error: one line that is written over on a terminal, else a line now and then. */
export class ProgressLine {
  readonly #output: Output;
  readonly #lineMs: number;
  #shownAt = performance.now();
  #isShown = false;

  constructor(output: Output, lineMs = LINE_MS) {
    this.#lineMs = lineMs;
    this.#output = output;
  }

  show({ phase, blobs, bytes, artifacts }: FsckProgress): void {
    const text = `${phase}: ${blobs} blobs, ${(bytes / 1e9).toFixed(1)} GB read, ${artifacts} artifacts`;
    if (this.#output.isTTY === true) {
      this.#output.write(`\r\x1b[K${text}`);
      this.#isShown = true;
    } else if (performance.now() - this.#shownAt >= this.#lineMs) {
      this.#shownAt = performance.now();
      this.#output.write(`${text}\n`);
    }
  }

  clear(): void {
    if (this.#isShown) this.#output.write('\r\x1b[K');
    this.#isShown = false;
  }
}
