/** What is kept by slot is written and locked slot by slot, each in one statement that names it: on a single database that is one. */
import { slotOf } from './natural-keys.ts';

export interface OfSlot<Item> {
  readonly slot: number;
  readonly items: readonly Item[];
}

/** In the order in which everybody locks: by slot, then by session as a number. */
export function bySlot<Item>(items: readonly Item[], slots: number, sessionOf: (item: Item) => number): OfSlot<Item>[] {
  const sorted = items.toSorted((a, b) => sessionOf(a) - sessionOf(b));
  const groups = Map.groupBy(sorted, (item) => slotOf(sessionOf(item), slots));
  return [...groups].map(([slot, own]) => ({ slot, items: own })).sort((a, b) => a.slot - b.slot);
}
