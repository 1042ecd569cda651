import { createHash } from 'node:crypto';
import type { HashJob, HashThreads } from '../hashing/hash-threads.ts';
import { asStoreError } from './failure.ts';
import type { Lanes } from './lanes.ts';
import type { SlabHolder, SlabPool } from './slab-pool.ts';
import { Staging } from './staging.ts';
import { closeFile, FILE_MODE, openFile, writeAllAt } from './system-calls.ts';
import type { TempFiles } from './temp-files.ts';

/** Up to so many bytes wait in memory of the upload's own, and a blob that is no larger is hashed and stored in one go. */
const STAGED_BYTES = 64 * 1024;

/** So many slabs of one upload may be on their way to the disk. */
const MAX_SLABS_IN_FLIGHT = 4;

/** After so many new bytes the kernel is asked to write them out; an upload waits when twice as many have come. */
const WRITE_BACK_BYTES = 32 * 1024 * 1024;

export type UploadParts = {
  readonly temps: TempFiles;
  readonly slabs: SlabPool;
  readonly hashing: HashThreads;
  readonly lanes: Lanes;
};

/**
 * The bytes of one upload on their way into a temporary file, hashed on the way. Use: `add` and so on, `finish`,
 * `moveTo`; and `discard` in any case.
 */
export class Upload implements SlabHolder {
  touchedAt = 0;
  readonly #parts: UploadParts;
  readonly #onFailure: (error: unknown) => void;
  readonly #staging = new Staging(STAGED_BYTES);
  readonly #temp: string;
  readonly #inFlight = new Set<Promise<void>>();
  #slab: Buffer | undefined;
  #filled = 0;
  #lastWrite: Promise<void> = Promise.resolve();
  #written = 0;
  #writtenBack = 0;
  #writingBack: Promise<void> | undefined;
  #opening: Promise<number> | undefined;
  #descriptor: number | undefined;
  #hash: HashJob | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** `onFailure` is told at once what will make the next call fail: the client may be sending nothing just now. */
  constructor(parts: UploadParts, onFailure: (error: unknown) => void) {
    this.#parts = parts;
    this.#onFailure = onFailure;
    this.#temp = parts.temps.next();
  }

  /** Takes a copy of the bytes; resolves when there is room for more. Rejects with ObjectStoreError. */
  async add(piece: Uint8Array): Promise<void> {
    this.#throwIfFailed();
    if (this.#slab === undefined && this.#staging.hasRoomFor(piece.length)) return this.#staging.add(piece);
    for (let done = 0; done < piece.length; ) {
      const slab = this.#slab ?? (await this.#takeSlab());
      const part = piece.subarray(done, done + slab.length - this.#filled);
      copyInto(slab, this.#filled, part);
      done += part.length;
      this.#filled += part.length;
      this.touchedAt = performance.now();
      if (this.#filled === slab.length) await this.#sendOff();
    }
  }

  /** The SHA-256 of all bytes, which are written when it resolves, or wait in memory if they are few. */
  async finish(): Promise<string> {
    if (this.#hash === undefined && this.#slab === undefined) {
      this.#throwIfFailed();
      return createHash('sha256').update(this.#staging.bytes).digest('hex');
    }
    if (this.#slab === undefined && this.#staging.length > 0) await this.#takeSlab();
    this.letGo();
    await Promise.all(this.#inFlight);
    await this.#writingBack;
    this.#throwIfFailed();
    return this.#guard(this.#hashJob().digest());
  }

  /** Makes the bytes durable and gives them their name. Rejects with ObjectStoreError. */
  async moveTo(target: string): Promise<void> {
    const { lanes } = this.#parts;
    if (this.#descriptor === undefined) {
      return lanes.run('storeBlob', this.#temp, target, this.#staging.bytes.slice());
    }
    await lanes.run('sync', this.#descriptor);
    await this.#close(this.#descriptor);
    await lanes.run('rename', this.#temp, target);
  }

  /** Leaves nothing behind but what `moveTo` has moved. Never rejects. */
  async discard(isMoved: boolean): Promise<void> {
    if (this.#slab !== undefined) this.#giveBack(this.#slab);
    this.#hash?.drop();
    await Promise.allSettled([...this.#inFlight, this.#writingBack, this.#opening]);
    // The upload has failed already: an error of close changes nothing.
    if (this.#descriptor !== undefined) await this.#close(this.#descriptor).catch(() => undefined);
    if (!isMoved) await this.#parts.temps.remove(this.#temp);
  }

  /** Writes out what the slab holds; the slab goes back to the pool after that. */
  letGo(): void {
    if (this.#slab === undefined) return;
    const slab = this.#slab;
    this.#parts.slabs.release(this);
    this.#slab = undefined;
    const sent = this.#store(slab, slab.subarray(0, this.#filled), this.#written);
    this.#written += this.#filled;
    this.#filled = 0;
    this.#inFlight.add(sent);
    void sent.then(() => this.#inFlight.delete(sent));
  }

  async #takeSlab(): Promise<Buffer> {
    const slab = await this.#parts.slabs.take();
    this.#slab = slab;
    copyInto(slab, 0, this.#staging.bytes);
    this.#filled = this.#staging.length;
    this.#staging.clear();
    this.touchedAt = performance.now();
    this.#parts.slabs.hold(this);
    return slab;
  }

  #giveBack(slab: Buffer): void {
    this.#parts.slabs.release(this);
    this.#slab = undefined;
    this.#parts.slabs.give(slab);
  }

  /** Sends a full slab on its way, and waits while enough of this upload is on its way. */
  async #sendOff(): Promise<void> {
    this.letGo();
    while (this.#inFlight.size >= MAX_SLABS_IN_FLIGHT) await Promise.race(this.#inFlight);
    await this.#writeBack();
    this.#throwIfFailed();
  }

  /** Hashes and writes at the same time. Never rejects: a failure shows in what comes next. */
  async #store(slab: Buffer, bytes: Buffer, position: number): Promise<void> {
    // One write at a time: the kernel lets no more into a file, and those that wait there hold a thread each.
    this.#lastWrite = this.#lastWrite.then(() => this.#write(bytes, position));
    const results = await Promise.allSettled([this.#hashJob().update(bytes), this.#lastWrite]);
    this.#parts.slabs.give(slab);
    for (const result of results) if (result.status === 'rejected') this.#fail(result.reason);
  }

  async #write(bytes: Buffer, position: number): Promise<void> {
    this.#opening ??= openFile(this.#temp, 'wx', FILE_MODE).then((descriptor) => {
      this.#descriptor = descriptor;
      return descriptor;
    });
    await writeAllAt(await this.#opening, bytes, position);
  }

  async #close(descriptor: number): Promise<void> {
    this.#descriptor = undefined; // also where it fails: the descriptor is gone then too
    await closeFile(descriptor);
  }

  #hashJob(): HashJob {
    this.#hash ??= this.#parts.hashing.start();
    return this.#hash;
  }

  /** Keeps the kernel writing while bytes come, so that the last fsync is short. */
  async #writeBack(): Promise<void> {
    if (this.#written - this.#writtenBack < WRITE_BACK_BYTES || this.#descriptor === undefined) return;
    if (this.#writingBack !== undefined) {
      if (this.#written - this.#writtenBack < 2 * WRITE_BACK_BYTES) return;
      await this.#writingBack;
    }
    if (this.#failure !== undefined) return;
    this.#writtenBack = this.#written;
    this.#writingBack = this.#parts.lanes.runInBackground('writeBack', this.#descriptor).then(
      () => {
        this.#writingBack = undefined;
      },
      (error: unknown) => this.#fail(error),
    );
  }

  async #guard<Value>(promise: Promise<Value>): Promise<Value> {
    try {
      return await promise;
    } catch (error) {
      throw asStoreError(error, 'an upload');
    }
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error: asStoreError(error, 'an upload') };
    this.#onFailure(this.#failure.error);
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** `set` and `copy` take five times as long where the target is shared memory: they are written for races. */
function copyInto(slab: Buffer, start: number, bytes: Uint8Array): void {
  if (bytes.length > 0) slab.fill(bytes, start, start + bytes.length);
}
