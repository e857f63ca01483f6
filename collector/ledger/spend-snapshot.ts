/** What was read of budgets' spend, kept to be answered again: whoever asks for one person finds it without asking the ledger. */

import type { Filter } from '../catalog/values.ts';
import type { SpendAnswer, SpendGroup } from './scoped-spend.ts';

export class KnownSpend {
  readonly #groups = new Map<string, { readonly where: readonly Filter[]; readonly answer: SpendAnswer }>();

  /** When the ledger had last committed as the oldest of the answers was read; undefined when it was empty. */
  asOfMs: number | undefined;

  add({ key, query: { where } }: SpendGroup, answer: SpendAnswer): void {
    this.#groups.set(key, { where, answer });
    if (answer.asOfMs !== undefined) this.asOfMs = Math.min(this.asOfMs ?? answer.asOfMs, answer.asOfMs);
  }

  /** Undefined for a group of which nothing was read, or not all. */
  find({ key, query: { where } }: SpendGroup): SpendAnswer | undefined {
    const known = this.#groups.get(key);
    return known !== undefined && isCovered(where, known.where) ? known.answer : undefined;
  }
}

/** Was all read that is asked for? A value that had been left out would look as if it had spent nothing. */
const isCovered = (asked: readonly Filter[], read: readonly Filter[]): boolean =>
  read.every(({ dimension, values }) => {
    const own = asked.find((filter) => filter.dimension === dimension);
    return own?.values.every((value) => values.includes(value)) === true;
  });
