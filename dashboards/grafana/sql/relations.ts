/** Which view or function of the ledger's read schema answers a question, the smallest one first. */
import type { DimensionName } from '../../../collector/catalog/measures.ts';
import type { Window } from '../../../collector/catalog/panel.ts';
import { RANGED, rangeOf, viewOf } from '../../../collector/ledger/read-schema.ts';
import { COARSE, FINEST, MONTHS, type Rollup } from '../../../collector/ledger/rollups.ts';
import { BEFORE, FROM, TO, text } from './names.ts';

export interface Relation {
  readonly from: string;
  readonly conditions: readonly string[];
}

const has = ({ dimensions }: Rollup, needed: readonly DimensionName[]): boolean => needed.every((name) => dimensions.includes(name));
const smallest = (rollups: readonly Rollup[], needed: readonly DimensionName[]): Rollup => rollups.find((rollup) => has(rollup, needed)) ?? FINEST;

export const windowFrom = (window: Window): string => `period_from(${text(window)}, now())`;
export const windowTo = (window: Window): string => `period_to(${text(window)}, now())`;

export function relationOf(window: Window, needed: readonly DimensionName[]): Relation {
  if (window === 'ever') {
    const totals = smallest(
      COARSE.filter(({ grain }) => grain === 'total'),
      needed,
    );
    return { from: viewOf(totals), conditions: [] };
  }
  if (window === 'range') return rangeRelation(FROM, TO, needed);
  if (window === 'previous_range') return rangeRelation(BEFORE, FROM, needed);
  if ((window === 'this_month' || window === 'last_month') && has(MONTHS, needed))
    return { from: viewOf(MONTHS), conditions: [`start_s = ${windowFrom(window)}`] };
  return rangeRelation(windowFrom(window), windowTo(window), needed);
}

export const rangeRelation = (from: string, to: string, needed: readonly DimensionName[]): Relation => ({
  from: `${rangeOf(smallest(RANGED, needed))}(${from}, ${to})`,
  conditions: [],
});

/** Whole days, from the one in which the range begins. */
export function daysRelation(needed: readonly DimensionName[]): Relation {
  const rollup = smallest(RANGED, needed);
  if (rollup === FINEST) throw new Error(`No roll-up has the days of ${needed.join(', ')}.`);
  return { from: viewOf(rollup), conditions: [`start_s >= day_of(${FROM})`, `start_s < ${TO}`] };
}
