/**
 * Entries that an export has several times. The ledger would recognize each of them as a duplicate, one by one in its only writer; so one goes
 * there, with how many more there were. Alike is what the ledger calls a duplicate: what differs is its conflict to find.
 */
import type { Entry } from '../ledger/entry.ts';

interface Kept {
  readonly entry: Entry;
  repeats: number;
}

/** The entries in their order, each once. */
export function collapseRepeats(entries: readonly Entry[]): readonly Entry[] {
  if (new Set(entries.map(({ identity }) => identity)).size === entries.length) return entries;
  const kept: Kept[] = [];
  const first = new Map<string, Kept>();
  for (const entry of entries) {
    const key = `${entry.identity} ${entry.sessionId}`;
    const known = first.get(key);
    if (known !== undefined && isSame(known.entry, entry)) {
      known.repeats += 1;
      continue;
    }
    const own = { entry, repeats: 0 };
    kept.push(own);
    if (known === undefined) first.set(key, own);
  }
  if (kept.length === entries.length) return entries;
  return kept.map(({ entry, repeats }) => (repeats === 0 ? entry : { ...entry, repeats }));
}

/** The same amounts of the same model. */
function isSame(one: Entry, other: Entry): boolean {
  return one.cost === other.cost && one.dimensions.model === other.dimensions.model && textOf(one.amounts) === textOf(other.amounts);
}

const textOf = (amounts: Entry['amounts']): string => JSON.stringify(amounts);
