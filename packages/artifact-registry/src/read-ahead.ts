/** What `read` gives for each item, in order, while up to `ahead` more are read already. */
export async function* readAhead<Item, Result>(
  items: Iterable<Item>,
  ahead: number,
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<readonly [Item, Result]> {
  const running: { item: Item; result: Promise<Result> }[] = [];
  const left = items[Symbol.iterator]();
  try {
    for (let done = false; ; ) {
      while (!done && running.length <= ahead) {
        const next = left.next();
        if (next.done === true) done = true;
        else {
          const result = read(next.value);
          result.catch(() => undefined); // told when its turn comes
          running.push({ item: next.value, result });
        }
      }
      const first = running.shift();
      if (first === undefined) return;
      yield [first.item, await first.result];
    }
  } finally {
    await Promise.allSettled(running.map(({ result }) => result));
  }
}
