import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactFolder } from './data-folder.ts';

/** The file-system calls that an upload or a download can make, but for close: a close that never ran keeps its file. */
const CALLS = [
  ...['openat', 'mkdir', 'rmdir', 'rename', 'renameat2', 'link', 'linkat', 'unlink', 'unlinkat', 'ftruncate'],
  ...['write', 'pwrite64', 'writev', 'pwritev', 'pread64', 'preadv', 'fallocate', 'fsync', 'fdatasync'],
  ...[
    'statx',
    'newfstatat',
    'fstat',
    'stat',
    'lstat',
    'statfs',
    'fstatfs',
    'access',
    'faccessat',
    'getdents64',
  ],
];

const DETACH_WITHIN_MS = 3_000;

/** One call of a process on the files of artifacts. */
export interface CallSite {
  readonly name: string;
  /** The last path that it names, within the folder of artifacts, without what differs between uploads. */
  readonly target: string;
  /** Counts the calls of this name on this target, from 1. */
  readonly occurrence: number;
  /** Which call of this name it is in its thread, from 1. */
  readonly nth: number;
  readonly thread: string;
}

export interface Watched {
  readonly pid: number;
  readonly dataDir: string;
  /** A folder for strace's own files, outside the data folder. */
  readonly logs: string;
}

/** Runs `work` and returns the calls on files of artifacts that the process made meanwhile, of all its threads. */
export async function callSites(watched: Watched, work: () => Promise<void>): Promise<CallSite[]> {
  const lines = await straced(
    watched,
    ['-f', '-p', String(watched.pid), '-e', `trace=${CALLS.join(',')}`],
    work,
  );
  const counts = new Map<string, number>();
  const count = (key: string) => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts.get(key) ?? 0;
  };
  return lines.flatMap((line) => {
    const [, thread = '', name, text] = LINE.exec(line) ?? [];
    if (name === undefined || text === undefined) return [];
    const nth = count(`${thread} ${name}`);
    const target = targetOf(watched.dataDir, text);
    if (target === undefined) return [];
    return [{ thread, name, nth, target, occurrence: count(`${name} ${target}`) }];
  });
}

/** What a fault hit: a file of artifacts (its target), something else, or nothing. */
export type Hit = { readonly target: string | undefined } | null;

export interface Fault {
  readonly site: CallSite;
  /** Such as `EIO`. */
  readonly errno: string;
  /** The full path that the call will name; undefined where it cannot be known before: a temporary file. */
  readonly path: string | undefined;
}

/** Runs `work` while one call fails: by its path where that is known, else by its turn in its thread. */
export async function withFault(watched: Watched, fault: Fault, work: () => Promise<void>): Promise<Hit> {
  const { site, errno, path } = fault;
  const { name, thread, nth, occurrence } = site;
  const where = path === undefined ? ['-p', thread] : ['-f', '-p', String(watched.pid), '-P', path];
  const inject = `inject=${name}:error=${errno}:when=${path === undefined ? nth : occurrence}`;
  const lines = await straced(watched, [...where, '-e', `trace=${name}`, '-e', inject], work);
  const hit = lines.find((line) => line.includes('(INJECTED)'));
  return hit === undefined ? null : { target: targetOf(watched.dataDir, hit) };
}

/** Attaches strace, runs `work`, detaches, and returns the lines that strace wrote. */
async function straced(
  { logs }: Watched,
  args: readonly string[],
  work: () => Promise<void>,
): Promise<string[]> {
  const log = join(logs, 'strace.log');
  const strace = spawn('strace', [...args, '-y', '-s', '16', '-e', 'signal=none', '-o', log], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    strace.once('error', reject);
    strace.once('exit', () => reject(new Error(`strace ended: ${said}`)));
    strace.stderr.on('data', (chunk: Buffer) => {
      said += chunk;
      if (/Process \d+ attached/.test(said)) resolve();
    });
  });
  try {
    await work();
  } finally {
    if (strace.exitCode === null && strace.signalCode === null) {
      const exited = once(strace, 'exit');
      strace.kill('SIGINT');
      const tooLate = setTimeout(() => strace.kill('SIGKILL'), DETACH_WITHIN_MS);
      await exited;
      clearTimeout(tooLate);
    }
  }
  const text = await readFile(log, 'latin1');
  await rm(log);
  return text.split('\n');
}

/** `-f` puts the thread in front, and splits a call that another thread's came in between: its first half counts. */
const LINE = /^(?:(\d+) +)?(\w+)\((.*)$/;

function targetOf(dataDir: string, text: string): string | undefined {
  const root = artifactFolder(realpathSync(dataDir));
  const path = text.split(/[<>"]/).findLast((part) => part === root || part.startsWith(`${root}/`));
  return path === undefined ? undefined : generalized(path.slice(root.length + 1));
}

/** `tmp/<boot id>-<uuid>`, `blobs/sha256/ab/<hex>` and names of uploads become the same for every upload. */
function generalized(path: string): string {
  return path
    .replace(/^tmp\/.*/, 'tmp/*')
    .replace(/^(blobs\/sha256)\/..\/.*/, '$1/ab/*')
    .replace(/^(blobs\/sha256)\/..$/, '$1/ab')
    .replace(/^refs\/[^/]+\/[^/]+\/.*/, 'refs/b/a/*')
    .replace(/^refs\/[^/]+\/[^/]+$/, 'refs/b/a')
    .replace(/^refs\/[^/]+$/, 'refs/b');
}
