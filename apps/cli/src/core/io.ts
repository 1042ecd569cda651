import type { Readable, Writable } from 'node:stream';
import type { Secrets } from './secrets.ts';

/** A stream that may be a terminal. */
export type MaybeTerminal = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What the command is given by whoever starts it. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  /** Results, and nothing else. */
  readonly stdout: MaybeTerminal;
  /** Progress, warnings and errors. */
  readonly stderr: MaybeTerminal;
  readonly secrets: Secrets;
  /** Aborts where the user interrupts. */
  readonly interrupt: AbortSignal;
}

/** Whether lines on a stream can be drawn anew. */
export function isTerminal({ isTTY }: MaybeTerminal, env: Io['env']): boolean {
  return isTTY === true && env.TERM !== 'dumb';
}

const COLOURS = { red: 31, green: 32, yellow: 33 } as const;

/** The text as it is written to this stream: coloured on a terminal, unless NO_COLOR is set (https://no-color.org). */
export function coloured(
  colour: keyof typeof COLOURS,
  text: string,
  stream: MaybeTerminal,
  env: Io['env'],
): string {
  return isTerminal(stream, env) && !env.NO_COLOR ? `\u001b[${COLOURS[colour]}m${text}\u001b[39m` : text;
}
