import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What one system call did, or tried to do, to files, or to a client. Times in seconds. */
export interface FileCall {
  readonly kind: 'create' | 'write' | 'sync' | 'rename' | 'link' | 'remove' | 'folder' | 'answer';
  /** The file or folder; for an answer the client's port. */
  readonly path: string;
  /** Of `rename` and `link`. */
  readonly to: string;
  /** Of an answer. */
  readonly status: number;
  readonly start: number;
  readonly end: number;
  readonly succeeded: boolean;
}

/** Every call that makes, changes, names or syncs a file, or sends bytes to a client. */
const CALLS = [
  ...['openat', 'mkdir', 'rmdir', 'rename', 'renameat', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat'],
  ...['write', 'pwrite64', 'writev', 'pwritev', 'pwritev2', 'ftruncate', 'fallocate', 'copy_file_range'],
  ...['fsync', 'fdatasync', 'sendto', 'sendmsg'],
];

/**
 * The command that runs a program under strace and keeps its pid (-D). Every thread writes a file of its own, so that
 * no call is split. `inject` is as in strace(1).
 */
export function fileTraceCommand(prefix: string, inject?: string): string[] {
  const trace = ['-e', `trace=${CALLS.join(',')}`, '-e', 'signal=none'];
  const fault = inject === undefined ? [] : ['-e', `inject=${inject}`];
  return [
    'strace',
    '-D',
    '-ff',
    '--seccomp-bpf',
    '-ttt',
    '-T',
    '-yy',
    '-s',
    '16',
    ...trace,
    ...fault,
    '-o',
    prefix,
  ];
}

/** Reads what `fileTraceCommand(prefix)` wrote: the calls of all threads in the order in which they began. */
export async function readFileTrace(prefix: string): Promise<FileCall[]> {
  const folder = dirname(prefix);
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${basename(prefix)}.`));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
  const calls = texts.flatMap((text) => text.split('\n').flatMap(parseFileCall));
  return calls.sort((one, other) => one.start - other.start);
}

const LINE = /^(\d+\.\d+) (\w+)\((.*)\) += (\S+).*? <(\d+\.\d+)>$/;
/** A call that never came back, because the process was killed in it. */
const UNFINISHED = /^(\d+\.\d+) (\w+)\((.*?)(?: <unfinished \.\.\.>)?(?:\) += \?.*)?$/;
const DESCRIPTOR = /^\d+<([^>]*)>/;
const CLIENT = /^\d+<TCP:\[.*:(\d+)\]>/;
const ANSWER = /"HTTP\/1\.1 (\d{3})/;

/** One line of strace; empty for what is none of our business. */
export function parseFileCall(line: string): FileCall[] {
  const [, start, name, args, result, duration] = LINE.exec(line) ?? [];
  if (start === undefined || name === undefined || args === undefined) return parseUnfinished(line);
  const succeeded = result !== undefined && !result.startsWith('-') && !result.startsWith('?');
  return asFileCall(name, args, Number(start), Number(start) + Number(duration), succeeded);
}

function parseUnfinished(line: string): FileCall[] {
  const [, start, name, args] = UNFINISHED.exec(line) ?? [];
  if (start === undefined || name === undefined || args === undefined) return [];
  return asFileCall(name, args, Number(start), Number.POSITIVE_INFINITY, false);
}

function asFileCall(name: string, args: string, start: number, end: number, succeeded: boolean): FileCall[] {
  const call = { path: '', to: '', status: 0, start, end, succeeded };
  const client = CLIENT.exec(args)?.[1];
  if (client !== undefined) {
    const status = ANSWER.exec(args)?.[1];
    return status === undefined ? [] : [{ ...call, kind: 'answer', path: client, status: Number(status) }];
  }
  const [path = '', to = ''] = [...args.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text ?? '');
  const descriptor = DESCRIPTOR.exec(args)?.[1] ?? '';
  switch (name) {
    case 'openat':
      return args.includes('O_CREAT') ? [{ ...call, kind: 'create', path }] : [];
    case 'mkdir':
      return [{ ...call, kind: 'folder', path }];
    case 'rename':
    case 'renameat':
    case 'renameat2':
      return [{ ...call, kind: 'rename', path, to }];
    case 'link':
    case 'linkat':
      return [{ ...call, kind: 'link', path, to }];
    case 'unlink':
    case 'unlinkat':
    case 'rmdir':
      return [{ ...call, kind: 'remove', path }];
    case 'fsync':
    case 'fdatasync':
      return [{ ...call, kind: 'sync', path: descriptor }];
    default:
      return descriptor.startsWith('/') ? [{ ...call, kind: 'write', path: descriptor }] : [];
  }
}
