/** The questions of a panel to the ledger. Pure. */

import { measuresOf } from '../../catalog/figure-values.ts';
import type { Fixed, LedgerQuery } from '../../catalog/panel.ts';
import type { Filter } from '../../catalog/values.ts';
import { storedValue } from '../../catalog/values.ts';
import type { Grain } from '../../core/calendar.ts';
import type { TimeRange } from '../../core/time-range.ts';
import type { BoardQuery, Question } from './board-query.ts';

const stored = ({ dimension, values }: Fixed): Filter => ({ dimension, values: values.map((value) => storedValue(dimension, value)) });

/** Its figures by its dimensions, with the filters that it fixes. */
export const questionOf = (
  { figures, where = [], ...query }: LedgerQuery,
  timeRange: TimeRange,
  grain: Grain = 'total',
  by = query.by,
): Question => ({
  where: where.filter(({ not }) => not !== true).map(stored),
  whereNot: where.filter(({ not }) => not === true).map(stored),
  measures: measuresOf(figures),
  by,
  timeRange,
  grain,
});

/** In its window, and in the one that it is compared with. */
export function rowsQuestions(query: LedgerQuery, asked: BoardQuery): { readonly now: Question; readonly past: Question | undefined } {
  return {
    now: questionOf(query, asked.timeRangeOf(query.window)),
    past: query.versus === undefined ? undefined : questionOf(query, asked.timeRangeOf(query.versus)),
  };
}
