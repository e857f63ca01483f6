/** For each item the index of the first with the same key: its own index where it is the first. */
export function firstIndexes<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly number[] {
  const firsts = new Map<string, number>();
  return items.map((item, index) => {
    const key = keyOf(item);
    const first = firsts.get(key) ?? index;
    firsts.set(key, first);
    return first;
  });
}
