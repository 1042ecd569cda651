/** What `read` gives for each item, in order, while up to `ahead` more are read already. */
export async function* readAhead<Item, Result>(
  items: readonly Item[],
  ahead: number,
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<readonly [Item, Result]> {
  const running: { item: Item; result: Promise<Result> }[] = [];
  let next = 0;
  try {
    for (;;) {
      for (; next < items.length && running.length <= ahead; next += 1) {
        const item = items[next] as Item; // the index is within the array
        const result = read(item);
        result.catch(() => undefined); // told when its turn comes
        running.push({ item, result });
      }
      const first = running.shift();
      if (first === undefined) return;
      yield [first.item, await first.result];
    }
  } finally {
    await Promise.allSettled(running.map(({ result }) => result));
  }
}
