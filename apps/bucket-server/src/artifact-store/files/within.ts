import pTimeout from 'p-timeout';

/** Whether the promise settled, one way or the other, before so many milliseconds were over. */
export async function settlesWithin(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return pTimeout(settled, { milliseconds, fallback: () => false });
}
