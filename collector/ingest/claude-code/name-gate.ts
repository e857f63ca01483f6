/** Counts by names that a sender chooses, so the names are bounded: by number for the life of the process, and in form. */
import { withoutAddresses } from '../../core/email-address.ts';

export const TALLY_NAMES_MAX = 1_000;
const NAME_CHARACTERS_MAX = 100;
export const OTHER_NAMES = '(other)';
const UNSAFE = /[^\w.:/()-]/g;

/** A name that may become a label: plain characters, at most 100 of them, and nobody's address. */
export function boundName(name: string): string {
  return (
    withoutAddresses(name.slice(0, 2 * NAME_CHARACTERS_MAX))
      .slice(0, NAME_CHARACTERS_MAX)
      .replace(UNSAFE, '_') || '(none)'
  );
}

/** Admits the first TALLY_NAMES_MAX different names; later ones are all "(other)". */
export class NameGate {
  readonly #admitted = new Set<string>();

  admit(name: string): string {
    const bounded = boundName(name);
    if (this.#admitted.has(bounded)) return bounded;
    if (this.#admitted.size >= TALLY_NAMES_MAX) return OTHER_NAMES;
    this.#admitted.add(bounded);
    return bounded;
  }
}

export function increment(counts: Map<string, number>, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
