import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** One finished system call on a descriptor. Times in seconds; `thread` is the thread that made it. */
export interface SystemCall {
  readonly thread: string;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** A path, or `TCP:[local->peer]`. */
  readonly target: string;
  readonly text: string;
  readonly succeeded: boolean;
}

/** `time name(fd<target>, ...) = result <duration>`, as strace prints it with -ttt -T -yy. */
const CALL = /^(\d+\.\d+) (\w+)\(\d+<(TCP:\[[^\]]*\]|[^>]*)>(.*)\) += (-?\d+).* <(\d+\.\d+)>$/;

/** Reads the files that `traceCommand(prefix)` wrote: the calls on descriptors, each thread's in its own order. */
export async function readTrace(prefix: string): Promise<SystemCall[]> {
  const folder = dirname(prefix);
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${basename(prefix)}.`));
  const texts = await Promise.all(
    names.map(async (name) => ({ thread: name, text: await readFile(join(folder, name), 'latin1') })),
  );
  return texts.flatMap(({ thread, text }) => text.split('\n').flatMap((line) => parseCall(thread, line)));
}

function parseCall(thread: string, line: string): SystemCall[] {
  const match = CALL.exec(line);
  if (!match) return [];
  const [, start = '', name = '', target = '', text = '', result = '', duration = ''] = match;
  return [
    {
      thread,
      name,
      start: Number(start),
      end: Number(start) + Number(duration),
      target,
      text,
      succeeded: !result.startsWith('-'),
    },
  ];
}

/** An event that was answered 200, and where: the `nth` answer (from 0) on the connection from `localPort`. */
export interface TracedAnswer {
  readonly id: string;
  readonly localPort: number;
  readonly nth: number;
}

/**
 * Proves from a trace that every answer left after the fsync of what it answers for. For each: the thread that
 * first wrote the event's id into the write-ahead log went on to fsync the log, with success, and that call had
 * returned before the first byte of the answer was handed to the socket. Returns what does not hold, in words.
 */
export function unsyncedAnswers(calls: readonly SystemCall[], answers: readonly TracedAnswer[]): string[] {
  const ofLog = calls.filter(({ target }) => target.endsWith('-wal'));
  const byPort = answersByPort(calls);
  return answers.flatMap(({ id, localPort, nth }) => {
    const answer = byPort.get(localPort)?.[nth];
    if (!answer) return [`${id}: its answer is not in the trace`];
    const write = ofLog.findIndex(({ name, text }) => name.startsWith('pwrite') && text.includes(id));
    const writing = ofLog[write];
    if (!writing) return [`${id}: answered, and never written to the log`];
    const sync = ofLog.slice(write).find(({ thread, name }) => thread === writing.thread && isSync(name));
    if (!sync) return [`${id}: answered, and the log was never synced after it`];
    if (!sync.succeeded) return [`${id}: answered after a sync that failed`];
    return sync.end <= answer.start ? [] : [`${id}: answered before its sync had ended`];
  });
}

function isSync(name: string): boolean {
  return name === 'fsync' || name === 'fdatasync';
}

/** The writes that begin an answer, for each port of a client, in their order. */
function answersByPort(calls: readonly SystemCall[]): Map<number, SystemCall[]> {
  const byPort = new Map<number, SystemCall[]>();
  for (const call of calls) {
    const port = /^TCP:\[.*:(\d+)\]$/.exec(call.target)?.[1];
    if (port === undefined || !call.text.includes('"HTTP/1.1 ')) continue;
    const answers = byPort.get(Number(port)) ?? [];
    byPort.set(Number(port), [...answers, call]);
  }
  return byPort;
}
