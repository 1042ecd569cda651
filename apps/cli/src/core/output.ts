import { coloured, type Io, isTerminal } from './io.ts';

/** To the left edge, and everything to the right of it gone: a bar may stand there. */
const CLEAR_LINE = '\r\u001b[K';

export interface OutputFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** Where a run says what it has to say: results on stdout, all else on stderr. Secrets are masked in all of it. */
export class Output {
  readonly #io: Io;
  readonly #flags: OutputFlags;
  readonly #warnings = new Set<string>();

  constructor(io: Io, flags: OutputFlags) {
    this.#io = io;
    this.#flags = flags;
  }

  get isJson(): boolean {
    return this.#flags.json === true;
  }

  get isQuiet(): boolean {
    return this.#flags.quiet === true;
  }

  /** What was asked for. `json` is one document; `lines` are for people. */
  answer(json: object, lines: readonly string[]): void {
    if (this.isJson) this.#writeJson(json);
    else this.#write(lines);
  }

  /** What was done; `--quiet` leaves the lines out. */
  done(json: object, lines: readonly string[]): void {
    if (this.isJson || !this.isQuiet) this.answer(json, lines);
  }

  /**
   * A JSON document as it came, for numbers that JavaScript cannot keep; without what `json` of `answer` would add. Only
   * a secret in it is masked.
   */
  verbatim(text: string): void {
    this.#io.stdout.write(`${this.#io.secrets.maskJson(text.trimEnd())}\n`);
  }

  /** Told once, however often it comes. With `--json` it is in the document. */
  warn(message: string): void {
    if (this.#warnings.has(message)) return;
    this.#warnings.add(message);
    if (this.isJson || this.isQuiet) return;
    const { stderr, env, secrets } = this.#io;
    const clear = isTerminal(stderr, env) ? CLEAR_LINE : '';
    stderr.write(`${clear}${coloured('yellow', 'warning:', stderr, env)} ${secrets.mask(message)}\n`);
  }

  get warnings(): readonly string[] {
    return [...this.#warnings].map((warning) => this.#io.secrets.mask(warning));
  }

  debug(message: string): void {
    if (this.#flags.debug) this.#io.stderr.write(`debug: ${this.#io.secrets.mask(message)}\n`);
  }

  /** Text on stdout that is green where colours are, for what is well, or red. */
  mark(isWell: boolean, text: string): string {
    return coloured(isWell ? 'green' : 'red', text, this.#io.stdout, this.#io.env);
  }

  #writeJson(json: object): void {
    const { warnings } = this;
    this.verbatim(JSON.stringify(warnings.length > 0 ? { ...json, warnings } : json, null, 2));
  }

  #write(lines: readonly string[]): void {
    if (lines.length > 0) this.#io.stdout.write(`${this.#io.secrets.maskResult(lines.join('\n'))}\n`);
  }
}
