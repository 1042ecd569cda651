/**
 * Two threads of one process read `performance.now()` from different starting points. This is the distance of
 * this thread's to the process-wide monotonic clock, so that a deadline set in one thread holds in the other.
 */
const [seconds, nanoseconds] = process.hrtime();
const OFFSET_MS = seconds * 1000 + nanoseconds / 1e6 - performance.now();

/** The wall clock is asked once in so many ms; between, the monotonic clock carries it on. */
const WALL_CLOCK_MS = 1000;

/** Monotonic ms, the same in every thread of the process (to some µs). Wall-clock jumps do not touch it. */
export function monotonicNow(): number {
  return performance.now() + OFFSET_MS;
}

let wallOffset = 0;
let askedAt = Number.NEGATIVE_INFINITY;

/** The wall-clock time, in ms since 1970, at a moment of `monotonicNow`. */
export function wallClockAt(now: number): number {
  if (now - askedAt > WALL_CLOCK_MS) {
    wallOffset = Date.now() - now;
    askedAt = now;
  }
  return now + wallOffset;
}
