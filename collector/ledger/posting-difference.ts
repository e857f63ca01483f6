/** What changes when a session is booked again: mostly little. */
import type { MeasureName } from '../catalog/measures.ts';
import type { Posting } from './booking.ts';
import type { HistoryItem } from './history.ts';

type Postings = readonly Posting<number>[];

/** What one item came to, and what it comes to now. */
export interface Change {
  readonly was: Postings;
  readonly is: Postings;
}

export interface Booked {
  readonly items: readonly HistoryItem[];
  /** One for each of the items. */
  readonly postings: Postings;
}

export function changesOf(before: Booked, after: Booked): Change[] {
  const old = new Map(before.items.map((item, index) => [item.identity, before.postings[index]]));
  const changes = after.items.flatMap((item, index) => {
    const [was, is] = [listOf(old.get(item.identity)), listOf(after.postings[index])];
    old.delete(item.identity);
    return areSame(was, is) ? [] : [{ was, is }];
  });
  for (const gone of old.values()) changes.push({ was: listOf(gone), is: [] });
  return changes;
}

const listOf = (posting: Posting<number> | undefined): Postings => (posting === undefined ? [] : [posting]);

export const areSame = (some: Postings, others: Postings): boolean =>
  some.length === others.length && some.every((one, index) => isSame(one, others[index]));

function isSame(one: Posting<number>, other: Posting<number> | undefined): boolean {
  return (
    other !== undefined &&
    one.timeMs === other.timeMs &&
    one.dims === other.dims &&
    one.cost === other.cost &&
    one.costEstimated === other.costEstimated &&
    one.costUnreconciled === other.costUnreconciled &&
    one.sourceCost === other.sourceCost &&
    one.costList === other.costList &&
    isSameAmounts(one.amounts, other.amounts)
  );
}

function isSameAmounts(one: Posting<number>['amounts'], other: Posting<number>['amounts']): boolean {
  if (one === other) return true;
  for (const name in one) if (one[name as MeasureName] !== other[name as MeasureName]) return false;
  for (const name in other) if (one[name as MeasureName] === undefined) return false;
  return true;
}
