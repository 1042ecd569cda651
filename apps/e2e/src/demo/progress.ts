/**
 * Shows how far something is: on a terminal one line that keeps changing, in a pipe a line now and then.
 * `say` prints a line of its own in between.
 */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #every: number;

  /** In a pipe only every `every`-th state is shown. */
  constructor(out: NodeJS.WriteStream, every: number) {
    this.#out = out;
    this.#every = every;
  }

  show(done: number, of: number, note: string): void {
    const text = `  ${String(done).padStart(String(of).length)} of ${of} tasks  ${note}`;
    if (this.#out.isTTY) this.#out.write(`\r\u001b[K${text.slice(0, (this.#out.columns || 80) - 1)}`);
    else if (done % this.#every === 0 || done === of) this.#out.write(`${text}\n`);
    if (this.#out.isTTY && done === of) this.#out.write('\n');
  }

  say(text: string): void {
    this.#out.write(`${this.#out.isTTY ? '\r\u001b[K' : ''}${text}\n`);
  }
}
