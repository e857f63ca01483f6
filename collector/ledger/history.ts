/** The entries of one session as booking wants them, and what they come to. */
import type { BookingItem } from './booking.ts';
import { bookBeside, type Company, NO_COMPANY } from './pools.ts';
import { Vector } from './sums.ts';

/** An entry as booking wants it, with its model and the client's own number of it. */
export interface HistoryItem extends BookingItem<number> {
  readonly model: string;
  readonly sequence: number | undefined;
  /** See Entry. */
  readonly request?: string | undefined;
}

/** What is set aside stands at the time of its arrival, and not where its number is. */
export const isNumbered = (item: HistoryItem): item is HistoryItem & { readonly sequence: number } =>
  item.sequence !== undefined && item.heldBack !== 'late' && item.isSetAside !== true;

const ANYTHING = (): boolean => true;

/**
 * Every measure by model, of a session's items oldest first, as far as their dimensions are inside. `sessions` is left to the caller, who
 * knows whether this one counts.
 */
export function totalsByModel(
  items: readonly HistoryItem[],
  company: Company = NO_COMPANY,
  isInside: (dims: number) => boolean = ANYTHING,
): Map<string, Vector> {
  const totals = new Map<string, Vector>();
  for (const [index, posting] of bookBeside(items, company).entries()) {
    if (!isInside(posting.dims)) continue;
    totals.getOrInsertComputed(items[index]?.model ?? '', () => new Vector()).add(posting);
  }
  return totals;
}
