/** Whoever holds a slab that is not full yet. */
export type SlabHolder = {
  /** When the holder last put something in, by performance.now(). */
  readonly touchedAt: number;
  /** Writes out what is there, so that the slab comes back. */
  letGo(): void;
};

/** While somebody waits, a holder whose client has sent nothing for this long, in ms, lets its slab go. */
const IDLE_MS = 20;

/**
 * The memory of all uploads together: a fixed number of slabs, shared with other threads, handed out in order of asking.
 * A client that stalls keeps no slab from others.
 */
export class SlabPool {
  readonly #slabBytes: number;
  readonly #most: number;
  readonly #free: Buffer[] = [];
  readonly #waiting: ((slab: Buffer) => void)[] = [];
  readonly #holders = new Set<SlabHolder>();
  #made = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(slabBytes: number, most: number) {
    this.#slabBytes = slabBytes;
    this.#most = most;
  }

  get slabBytes(): number {
    return this.#slabBytes;
  }

  /** Resolves when a slab is free. */
  take(): Promise<Buffer> {
    const slab = this.#free.pop() ?? this.#make();
    if (slab !== undefined) return Promise.resolve(slab);
    this.#watch ??= setInterval(() => this.#wakeIdleHolders(), IDLE_MS);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(slab: Buffer): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(slab);
    else next(slab);
    if (this.#waiting.length === 0) this.#stopWatching();
  }

  /** Tells of a slab that waits for a client. */
  hold(holder: SlabHolder): void {
    this.#holders.add(holder);
  }

  release(holder: SlabHolder): void {
    this.#holders.delete(holder);
  }

  #make(): Buffer | undefined {
    if (this.#made >= this.#most) return undefined;
    this.#made += 1;
    return Buffer.from(new SharedArrayBuffer(this.#slabBytes));
  }

  #wakeIdleHolders(): void {
    const latest = performance.now() - IDLE_MS;
    for (const holder of this.#holders) if (holder.touchedAt < latest) holder.letGo();
  }

  #stopWatching(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
  }
}
