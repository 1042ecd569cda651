import { setTimeout as delay } from 'node:timers/promises';
import { blobPrefixes } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { checkBlob, checkRef, type Damage } from './check-object.ts';
import { Progress } from './progress.ts';
import { Throttle } from './throttle.ts';

export type ScrubOptions = {
  readonly objects: ObjectStore;
  /** Everything is read once in so many days. */
  readonly everyDays: number;
  /** It reads no faster than this, so that others have the disk. */
  readonly bytesPerSecond: number;
  /** A small file that remembers how far it is; written anew some hundred times a pass. */
  readonly stateFile: string;
  /** Told of each damaged blob, and of each artifact whose metadata or bytes are wrong, once a pass. */
  readonly onDamage: (damage: Damage) => void;
  /** Told at the end of each pass. */
  readonly onPass?: (pass: ScrubPass) => void;
  /** Told when it could not go on; it tries again in a minute. */
  readonly onError: (error: unknown) => void;
};

/** What this process has read of a pass: a start in the middle of one counts from there. */
export type ScrubPass = { readonly blobs: number; readonly bytes: number; readonly artifacts: number };

export type Scrub = {
  /** Ends it where it is. Resolves when it reads nothing any more. */
  stop(): Promise<void>;
};

const DAY_MS = 24 * 60 * 60 * 1000;
const RETRY_MS = 60 * 1000;

/** An object costs as much of the rate as so many bytes, however small it is. */
const OBJECT_COST = 16 * 1024;

/** Reads everything that is stored, over and over, in the background, and tells what is damaged. */
export function startScrub(options: ScrubOptions): Scrub {
  const stopping = new AbortController();
  const running = run(options, stopping.signal).catch((error: unknown) => {
    // `stop` was called: that is how it ends.
    if (!stopping.signal.aborted) throw error;
  });
  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}

async function run(options: ScrubOptions, signal: AbortSignal): Promise<void> {
  const progress = new Progress(options.stateFile);
  for (;;) {
    try {
      const { passStartedAt, step } = await progress.load();
      await onePass(options, { progress, first: step, signal });
      const next = passStartedAt + options.everyDays * DAY_MS;
      await sleepUntil(next, signal);
      await progress.save({ passStartedAt: Date.now(), step: 0 });
    } catch (error) {
      signal.throwIfAborted();
      options.onError(error);
      await delay(RETRY_MS, undefined, { signal, ref: false });
    }
  }
}

type PassState = { readonly progress: Progress; readonly first: number; readonly signal: AbortSignal };

/** The steps of a pass: one for each prefix of blobs, and one for the refs. */
async function onePass(options: ScrubOptions, { progress, first, signal }: PassState): Promise<void> {
  const prefixes = blobPrefixes();
  if (first > prefixes.length) return;
  const { objects } = options;
  const throttle = new Throttle(options.bytesPerSecond, signal);
  const pass = { blobs: 0, bytes: 0, artifacts: 0 };
  const countBytes = async (bytes: number) => {
    pass.bytes += bytes;
    await throttle.spend(bytes);
  };
  const blob = async (key: string) => {
    pass.blobs += 1;
    return checkBlob(objects, key, countBytes);
  };
  const ref = async (key: string) => {
    pass.artifacts += 1;
    return checkRef(objects, key);
  };
  for (let step = first; step < prefixes.length; step += 1) {
    await scrubAll(options, { prefix: prefixes[step] ?? '', throttle, check: blob });
    await progress.saveStep(step + 1);
  }
  await scrubAll(options, { prefix: 'refs/', throttle, check: ref });
  await progress.saveStep(prefixes.length + 1);
  options.onPass?.(pass);
}

type Step = {
  readonly prefix: string;
  readonly throttle: Throttle;
  readonly check: (key: string) => Promise<Damage | null>;
};

async function scrubAll(
  { objects, onDamage }: ScrubOptions,
  { prefix, throttle, check }: Step,
): Promise<void> {
  for await (const page of objects.list(prefix)) {
    for (const { key } of page) {
      await throttle.spend(OBJECT_COST);
      const damage = await check(key);
      if (damage !== null) onDamage(damage);
    }
  }
}

/** In steps of a day, because a timer takes no more than 24 days. */
async function sleepUntil(time: number, signal: AbortSignal): Promise<void> {
  for (let left = time - Date.now(); left > 0; left = time - Date.now()) {
    await delay(Math.min(left, DAY_MS), undefined, { signal, ref: false });
  }
}
