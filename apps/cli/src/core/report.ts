import { CommanderError } from 'commander';
import { EXIT, type ExitStatus, exitStatusOf } from './exit-status.ts';
import { printable } from './format.ts';
import { coloured, type Io } from './io.ts';
import type { OutputFlags } from './output.ts';

/** What is known of an error, whoever threw it. */
interface Failure {
  readonly code: string;
  readonly message: string;
  readonly status: ExitStatus;
  readonly hint: string | undefined;
  readonly expected: unknown;
  readonly found: unknown;
  readonly details: object | undefined;
}

/**
 * Says on stderr what went wrong, in a line or two, or as one JSON document. A stack is shown only where it is asked
 * for. Nothing secret is shown, whatever the error carries.
 * @returns what the command ends with
 */
export function reportError(error: unknown, io: Io, flags: OutputFlags): ExitStatus {
  const failure = failureOf(error);
  const { stderr, secrets, env } = io;
  const lines = flags.json ? [JSON.stringify(documentOf(failure), null, 2)] : linesOf(failure, stderr, env);
  const stacks = flags.debug && !(error instanceof CommanderError) ? stacksOf(error) : [];
  stderr.write(secrets.mask(`${[...lines, ...stacks].join('\n')}\n`));
  return failure.status;
}

function failureOf(error: unknown): Failure {
  const known = typeof error === 'object' && error !== null ? error : {};
  if (error instanceof CommanderError) return wrongLine(error);
  const { code, hint, expected, found, details, status }: Record<string, unknown> = { ...known };
  const words = 'message' in known ? String(known.message) : String(error);
  if (typeof code !== 'string') {
    const unexpected = `bhiv has failed in a way that it should not: ${words}. --debug shows where.`;
    return { ...NOTHING, code: 'internal_error', message: unexpected, status: EXIT.failed };
  }
  return {
    code,
    message: words,
    status: exitStatusOf(code),
    hint: typeof hint === 'string' ? hint : hintFor(code, status, words),
    expected,
    found,
    details: typeof details === 'object' && details !== null ? details : undefined,
  };
}

const NOTHING = { hint: undefined, expected: undefined, found: undefined, details: undefined } as const;

/** What commander has found, in our form: it begins with `error: ` and may carry a suggestion behind a line break. */
function wrongLine({ code, message }: CommanderError): Failure {
  const words =
    code === 'commander.help'
      ? 'a command is missing.'
      : message.replace(/^error: /, '').replaceAll('\n', ' ');
  return { ...NOTHING, code: 'wrong_use', message: words, status: EXIT.wrongUse, hint: 'see bhiv --help' };
}

/** What helps with an error of the libraries, which know nothing of this command. */
function hintFor(code: string, status: unknown, message: string): string | undefined {
  if (code === 'artifact_too_large' && !message.includes('bhiv publish'))
    return '`bhiv publish` splits what is too large into packs of 32 MiB.';
  if (code === 'network' || code === 'timeout')
    return 'see that Bucket runs, and where: --url, BHIV_BUCKET_URL or the config file name it.';
  if (status === 401 || status === 403)
    return 'a gateway may want a token (--token-file, BHIV_TOKEN) or a client certificate (--cert, --key).';
  return undefined;
}

function linesOf({ message, hint }: Failure, stderr: Io['stderr'], env: Io['env']): string[] {
  const mark = coloured('red', 'error:', stderr, env);
  return [`${mark} ${printable(message)}`, ...(hint === undefined ? [] : [`hint: ${hint}`])];
}

function documentOf({ code, message, status, hint, expected, found, details }: Failure): object {
  return { error: { code, message, exit_status: status, hint, expected, found, details } };
}

/** The stacks of an error and of what caused it. */
function stacksOf(error: unknown): string[] {
  const stacks: string[] = [];
  const seen = new Set<unknown>();
  for (let at = error; typeof at === 'object' && at !== null && !seen.has(at); at = causeOf(at)) {
    seen.add(at);
    stacks.push('stack' in at ? String(at.stack) : String(at));
  }
  return stacks;
}

function causeOf(error: object): unknown {
  return 'cause' in error ? error.cause : undefined;
}
