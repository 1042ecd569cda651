import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BucketProcess } from '../processes/bucket-process.ts';
import { artifactFolder, blobPath, refPath } from './data-folder.ts';
import { type CallSite, callSites, withFault } from './fault-calls.ts';
import { FaultGround, type FreshUpload } from './fault-ground.ts';
import type { FaultOperation } from './fault-operations.ts';

const errnos = ['ENOSPC', 'EIO', 'EMFILE', 'EACCES'] as const;
export type Errno = (typeof errnos)[number];

export interface SweepOptions {
  /** An empty folder for data and logs. */
  readonly folder: string;
  readonly operation: FaultOperation;
  /** Which faults the `index`th call gets. @default all */
  readonly faultsOf?: (index: number) => readonly Errno[];
}

export interface SweepSummary {
  /** The calls that failed once, `errno name target #occurrence` each. */
  readonly faults: string[];
  /** Calls that could not be hit, in the same words. */
  readonly missed: string[];
  /** Answers while a call failed, by status; `none` is a connection that broke. */
  readonly statuses: Record<string, number>;
  readonly broken: string[];
}

/** How often a fault is tried until it hits the call that it is meant for: threads take jobs in turns. */
const ATTEMPTS = 12;

/**
 * Lets every file-system call of an operation fail in turn, with every fault that it is to get, and checks after each
 * that the answer fits, nothing half-done can be seen or stays, and the next attempt works.
 */
export async function sweepFaults({ folder, operation, faultsOf }: SweepOptions): Promise<SweepSummary> {
  const sweep = new Sweep(new FaultGround(folder), operation);
  try {
    for (const [index, site] of (await sweep.sites()).entries()) {
      for (const errno of faultsOf?.(index) ?? errnos) await sweep.fail(site, errno);
    }
    await sweep.end();
  } finally {
    await sweep.kill();
  }
  return sweep.summary;
}

class Sweep {
  readonly summary: SweepSummary = { faults: [], missed: [], statuses: {}, broken: [] };
  readonly #ground: FaultGround;
  readonly #operation: FaultOperation;

  constructor(ground: FaultGround, operation: FaultOperation) {
    this.#ground = ground;
    this.#operation = operation;
  }

  /** The calls of one undisturbed operation. */
  async sites(): Promise<CallSite[]> {
    await this.#ground.ready();
    const prepared = await this.#operation.prepare(this.#ground);
    return callSites(this.#ground.watched, async () => void (await prepared.run()));
  }

  /** Tries until a call of the site's name on the site's target has failed. */
  async fail(site: CallSite, errno: Errno): Promise<void> {
    const title = `${errno} ${titleOf(site)}`;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const now = await this.#lookUp(site, attempt);
      if (now !== undefined && (await this.#attempt(now, errno)) === site.target) {
        this.summary.faults.push(title);
        return;
      }
    }
    this.summary.missed.push(title);
  }

  /** Where the call is now. A path leads to it by itself; the turns of threads have to be seen anew. */
  async #lookUp(site: CallSite, attempt: number): Promise<CallSite | undefined> {
    await this.#ground.ready();
    if (!hasToTakeTurns(site)) return site;
    const now = (await this.sites()).find((each) => titleOf(each) === titleOf(site));
    // Two threads take turns: what one did now, it does again next time or the time after.
    if (attempt % 2 === 0) await (await this.#operation.prepare(this.#ground)).run();
    return now;
  }

  /** Returns the target of the call that failed; undefined where none did. */
  async #attempt(site: CallSite, errno: Errno): Promise<string | undefined> {
    const { bucket, watched, dataDir } = this.#ground;
    const prepared = await this.#operation.prepare(this.#ground);
    const path = hasToTakeTurns(site)
      ? undefined
      : pathOfTarget(await realpath(dataDir), site.target, prepared.fresh);
    let status: number | undefined;
    const hit = await withFault(watched, { site, errno, path }, async () => {
      status = await prepared.run();
    });
    if (hit !== null && hit.target === undefined) {
      // Not a file of artifacts: a wake-up of a thread, say, which no disk fails at and which ends Node.
      await this.#ground.kill();
      return undefined;
    }
    if (hit !== null) this.#count(status);
    const found = await this.#judge(bucket, prepared.judge(hit === null ? null : { errno, call: site.name }));
    if (bucket.isAlive) found.push(...(await this.#ground.leftovers()));
    const what = `${errno} at ${site.name} ${hit?.target ?? '(no hit)'}, ${this.#operation.title}`;
    this.summary.broken.push(...found.map((each) => `${what}: ${each}`));
    return hit?.target;
  }

  async #judge(bucket: BucketProcess, judging: Promise<string[]>): Promise<string[]> {
    try {
      return await judging;
    } catch (error) {
      if (bucket.isAlive) throw error;
      return [`the process died: ${bucket.stderr}`];
    }
  }

  #count(status: number | undefined): void {
    const key = String(status ?? 'none');
    this.summary.statuses[key] = (this.summary.statuses[key] ?? 0) + 1;
  }

  async end(): Promise<void> {
    this.summary.broken.push(...(await this.#ground.end()));
  }

  kill(): Promise<void> {
    return this.#ground.kill();
  }
}

function titleOf({ name, target, occurrence }: CallSite): string {
  return `${name} ${target} #${occurrence}`;
}

/** Whether strace cannot be told the path: the name of a temporary file, or the second one of a rename. */
function hasToTakeTurns({ name, target }: CallSite): boolean {
  return target.startsWith('tmp/') || name.startsWith('rename');
}

/** The full path that an upload's or a download's call will name. */
function pathOfTarget(dataDir: string, target: string, { name, digest }: FreshUpload): string {
  const blob = blobPath(dataDir, digest);
  const ref = refPath(dataDir, name);
  const paths: Readonly<Record<string, string>> = {
    'blobs/sha256/ab/*': blob,
    'blobs/sha256/ab': dirname(blob),
    'refs/b/a/*': ref,
    'refs/b/a': dirname(ref),
    'refs/b': dirname(dirname(ref)),
  };
  return paths[target] ?? join(artifactFolder(dataDir), target);
}
