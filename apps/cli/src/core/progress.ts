import { formatBytes, formatSeconds } from './format.ts';
import { type Io, isTerminal } from './io.ts';
import { Meter } from './meter.ts';
import type { Output } from './output.ts';

/** How far a transfer is. Sizes are in bytes. */
export interface Step {
  /** What is being done, such as `sending`. Another one starts the measuring anew. */
  readonly label: string;
  readonly done: number;
  /** Undefined where nobody knows. */
  readonly total: number | undefined;
  /** What else there is to say, such as what was deduplicated. */
  readonly note?: string | undefined;
}

/** Shows how far a transfer is. Cheap to tell often. */
export interface Progress {
  show(step: Step): void;
  /** The last word: nothing of it stays on a terminal. */
  end(): void;
}

const REDRAW_MS = 100;
/** Without news too the bar is drawn: a rate that falls is news. */
const IDLE_REDRAW_MS = 500;
const LINE_EVERY_MS = 10_000;
const [NARROWEST_BAR, WIDEST_BAR] = [10, 30];

/** A bar on a terminal, a line now and then in a pipe, nothing where the caller wants none. */
export function progressOn({ stderr, env }: Pick<Io, 'stderr' | 'env'>, output: Output): Progress {
  if (output.isQuiet || output.isJson) return { show: () => undefined, end: () => undefined };
  const write = (text: string) => void stderr.write(text);
  return isTerminal(stderr, env) ? new Bar(write, () => stderr.columns ?? 80) : new Lines(write);
}

/** One line of a terminal, drawn over and over. */
export class Bar implements Progress {
  readonly #write: (text: string) => void;
  readonly #columns: () => number;
  readonly #meter = new Meter();
  #step: Step | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (text: string) => void, columns: () => number) {
    this.#write = write;
    this.#columns = columns;
  }

  show(step: Step): void {
    const now = performance.now();
    this.#step = step;
    this.#meter.add(step, now);
    this.#timer ??= setInterval(() => this.#draw(performance.now()), IDLE_REDRAW_MS).unref();
    if (now - this.#drawnAt >= REDRAW_MS) this.#draw(now);
  }

  end(): void {
    clearInterval(this.#timer);
    if (this.#step !== undefined) this.#write('\r\u001b[K');
    this.#step = undefined;
  }

  #draw(now: number): void {
    if (this.#step === undefined) return;
    this.#drawnAt = now;
    const text = wordsOf(this.#step, this.#meter.rate(now));
    const columns = this.#columns() - 1;
    this.#write(`\r${withBar(text, shareOf(this.#step), columns)}\u001b[K`);
  }
}

/** A line every ten seconds, and one at the end, for logs. */
export class Lines implements Progress {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  readonly #meter = new Meter();
  #last: Step | undefined;
  #startedAt = 0;
  #toldAt: number;

  constructor(write: (text: string) => void, now = () => performance.now()) {
    this.#write = write;
    this.#now = now;
    this.#toldAt = now();
  }

  show(step: Step): void {
    const now = this.#now();
    if (this.#last?.label !== step.label) this.#startedAt = now;
    this.#last = step;
    this.#meter.add(step, now);
    if (now - this.#toldAt < LINE_EVERY_MS) return;
    this.#toldAt = now;
    this.#write(`${wordsOf(step, this.#meter.rate(now)).join('  ')}\n`);
  }

  end(): void {
    const step = this.#last;
    this.#last = undefined;
    if (step === undefined) return;
    const seconds = (this.#now() - this.#startedAt) / 1000;
    const { label, done, note } = step;
    const rate = seconds > 0 ? `, ${formatBytes(done / seconds)}/s` : '';
    this.#write(
      `${label}: ${formatBytes(done)} in ${seconds.toFixed(1)} s${rate}${note ? `, ${note}` : ''}\n`,
    );
  }
}

/** The parts of the line, the dearest first. */
function wordsOf(step: Step, rate: number | undefined): string[] {
  const { label, done, total, note } = step;
  const share = shareOf(step);
  const left = rate !== undefined && rate > 0 && total !== undefined ? (total - done) / rate : undefined;
  return [
    label,
    ...(share === undefined ? [] : [`${Math.floor(share * 100)} %`.padStart(5)]),
    total === undefined ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`,
    ...(rate === undefined ? [] : [`${formatBytes(rate)}/s`]),
    ...(left === undefined ? [] : [`${formatSeconds(left)} left`]),
    ...(note === undefined ? [] : [note]),
  ];
}

/** From 0 to 1; undefined where the total is not known. */
function shareOf({ done, total }: Step): number | undefined {
  if (total === undefined) return undefined;
  return total === 0 ? 1 : Math.min(Math.max(done / total, 0), 1);
}

/** The line with a bar where there is room for one; without its last words where there is not even room for those. */
function withBar(words: readonly string[], share: number | undefined, columns: number): string {
  const [label = '', ...rest] = words;
  const room = Math.min(columns - words.join('  ').length - 4, WIDEST_BAR);
  if (share === undefined || room < NARROWEST_BAR) return words.join('  ').slice(0, columns);
  const full = Math.round(room * share);
  return [label, `[${'='.repeat(full)}${' '.repeat(room - full)}]`, ...rest].join('  ');
}
