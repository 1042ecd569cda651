import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FetchedTree, Published } from '@bhiv/artifact-registry';

/** What the child is to do, in its arguments as JSON. */
export interface TransferJob {
  readonly what: 'publish' | 'fetch';
  readonly url: string;
  /** The folder that is published, or fetched into. */
  readonly folder: string;
  /** Packs on their way at a time. */
  readonly workers: number;
  /** The child kills itself, by SIGKILL, as soon as half of the bytes are sent or written. */
  readonly dies?: boolean;
}

/** What the child prints at its end, as one line of JSON. */
export type TransferOutcome =
  | { readonly published: Published }
  | { readonly fetched: FetchedTree }
  | { readonly failed: string };

const CHILD = fileURLToPath(new URL('../../dist/fixtures/transfer-child.js', import.meta.url));

/**
 * Runs a transfer by BucketClient in a process of its own, to its end. A child that died by SIGKILL gives `killed`, one
 * that failed the code of the error.
 */
export async function transfer(job: TransferJob): Promise<TransferOutcome | 'killed'> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const [code, signal] = await once(child, 'close');
  if (signal === 'SIGKILL') return 'killed';
  if (code !== 0 || stderr !== '') throw new Error(`the transfer ended with ${code ?? signal}: ${stderr}`);
  return JSON.parse(stdout);
}
