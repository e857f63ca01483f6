/** How a panel over the ledger reads its amounts: from which sources, at which time, of which rows. */

import type { Percentile } from '../../collector/catalog/figures.ts';
import type { DimensionName, MeasureName } from '../../collector/catalog/measures.ts';
import type { Fixed, LedgerQuery, Window } from '../../collector/catalog/panel.ts';
import type { ExposedPeriod } from '../../collector/catalog/series-families.ts';
import type { Amounts } from './figures.ts';
import { firstOf, inRange, now, perStep, type Reading, type Step, wholeRange } from './readings.ts';
import { type Families, type Source, sourcesOf } from './sources.ts';
import { NotExposed } from './target.ts';

export interface Asked {
  readonly panelId: string;
  readonly families: Families;
  /** Labels of the rows; sources must have them. */
  readonly by: readonly DimensionName[];
  readonly where: readonly Fixed[];
  readonly window: Window;
  readonly step?: Step | undefined;
}

const PERIODS: Readonly<Partial<Record<Window, ExposedPeriod>>> = {
  today: 'day',
  this_week: 'week',
  this_month: 'month',
  last_month: 'last_month',
  last_month_to_date: 'last_month_to_date',
};
const STEPS = { hour: '1h', day: '1d' } as const;

export const stepOf = ({ grain }: Pick<LedgerQuery, 'grain'>): Step | undefined => (grain === undefined ? undefined : STEPS[grain]);

/** Rows by `asked.by`. With `total`, one row from sources that keep them apart. */
export function amountsOf(asked: Asked, total?: 'total'): Amounts {
  return reading(asked, total === undefined ? asked.by : [], readingOf(asked));
}

/** One figure for each row over the whole range of a panel over time: who is among the largest is decided once, so that no bar changes its owner. */
export const rankingOf = (asked: Asked): Amounts => reading({ ...asked, step: undefined }, asked.by, wholeRange);

/** Some of the rows, added up. */
export function restOf(amounts: Amounts, some: (rows: string) => string): Amounts {
  return {
    by: [],
    // What none of these rows has is left blank: to fill it in would repeat the whole expression.
    isSparse: false,
    sources: amounts.sources,
    sum: (measures) => `sum(${some(amounts.sum(measures))})`,
    buckets: (percentile) => `sum by (le) (${some(amounts.buckets(percentile))})`,
  };
}

function reading(asked: Asked, by: readonly string[], read: Reading): Amounts {
  const sources = (measures: readonly MeasureName[], buckets?: true): readonly Source[] => requireSources(asked, measures, buckets);
  return {
    by,
    isSparse: by.length > 0 || asked.step !== undefined,
    sources,
    sum: (measures) => firstOf(sources(measures), by, read),
    buckets: (percentile) => firstOf(sources(measuresOf(percentile), true), [...by, 'le'], read),
  };
}

const measuresOf = ({ buckets, count }: Percentile): MeasureName[] => [...buckets.map(([, measure]) => measure), count];

function readingOf({ window, step }: Asked): Reading {
  if (step !== undefined) return perStep(step);
  return window === 'range' ? inRange : now;
}

function requireSources({ panelId, families, by, where, window, step }: Asked, measures: readonly MeasureName[], buckets?: true): Source[] {
  const period = step === undefined ? PERIODS[window] : undefined;
  const sources = sourcesOf({ measures, by, where, period, buckets }, families);
  if (sources.length > 0) return sources;
  const labels = [...by, ...where.map(({ dimension }) => dimension)];
  const what = `${measures.join(', ')}${labels.length === 0 ? '' : ` by ${labels.join(', ')}`}`;
  const when = period === undefined ? '' : ` for the period ${period}; the window "range" may have it`;
  throw new NotExposed(`Panel ${panelId}: /metrics has no series of ${what}${when}.`);
}
