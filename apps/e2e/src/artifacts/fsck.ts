import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BUCKET_MAIN } from '../processes/bucket-process.ts';

/** One line of `bucket-server fsck --json` about a file. */
interface FsckFinding {
  readonly kind: string;
  /** Within the data folder. */
  readonly path: string;
  readonly message: string;
}

/** How one run of `bucket-server fsck` ended. */
export interface FsckRun {
  /** 0: all is well, 1: damage, 2: it could not run. */
  readonly code: number | null;
  /** Everything but blobs that no artifact has: losers of a race and kills leave those. */
  readonly findings: readonly FsckFinding[];
  readonly orphans: number;
  readonly stderr: string;
}

/** Runs `bucket-server fsck` on a data folder to its end. */
export async function fsck(dataDir: string, args: readonly string[] = []): Promise<FsckRun> {
  const child = spawn(process.execPath, [BUCKET_MAIN, 'fsck', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, BUCKET_DATA_DIR: dataDir },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  const lines: FsckFinding[] = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const findings = lines.filter(({ kind }) => !['orphan', 'removed_orphan', 'summary'].includes(kind));
  return { code, findings, orphans: lines.filter(({ kind }) => kind === 'orphan').length, stderr };
}

/** What fsck has against a data folder, in words; empty where it is clean. */
export async function unsound(dataDir: string): Promise<string[]> {
  const { code, findings, stderr } = await fsck(dataDir);
  return [
    ...findings.map(({ kind, path, message }) => `fsck: ${kind} ${path}: ${message}`),
    ...(code === 0 ? [] : [`fsck ended with ${code} ${stderr}`]),
  ];
}
