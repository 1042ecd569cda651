/** Runs a job when its turn comes. */
export type Turn = <T>(job: () => Promise<T>) => Promise<T>;

/** Lets `most` jobs run at one time, the others in the order they came. */
export function limit(most: number): Turn {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (job) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
