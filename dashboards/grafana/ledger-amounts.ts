/** How a panel over the ledger reads its amounts: from which source, and at which time. */

import type { Percentile } from '../../collector/catalog/figures.ts';
import type { DimensionName, MeasureName } from '../../collector/catalog/measures.ts';
import type { Fixed, LedgerQuery, Window } from '../../collector/catalog/panel.ts';
import type { ExposedPeriod } from '../../collector/catalog/series-families.ts';
import type { Amounts } from './figures.ts';
import { inRange, now, perStep, type Reading, type Step, wholeRange } from './readings.ts';
import { type Source, sourceOf } from './sources.ts';
import type { Surroundings } from './surroundings.ts';
import { NotExposed } from './target.ts';

export interface Asked extends Surroundings {
  readonly panelId: string;
  /** Dimensions of the rows. */
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

export const amountsOf = (asked: Asked): Amounts => reading(asked, readingOf(asked));

/** One figure for each row over the whole range of a panel over time: who is among the largest is decided once, so that no bar changes its owner. */
export const rankingOf = (asked: Asked): Amounts => reading({ ...asked, step: undefined }, wholeRange);

/** The labels that the rows have on /metrics. */
export const labelsOf = (asked: Asked, measures: readonly MeasureName[]): string[] => asked.by.map(requireSource(asked, measures).label);

function reading(asked: Asked, read: Reading): Amounts {
  return {
    sum: (measures, like) => {
      const source = requireSource(asked, measures);
      return read(source, asked.by.map(source.label), like === undefined ? undefined : requireSource(asked, like));
    },
    buckets: (percentile) => {
      const source = requireSource(asked, measuresOf(percentile), true);
      return read(source, [...asked.by.map(source.label), 'le']);
    },
  };
}

const measuresOf = ({ buckets, count }: Percentile): MeasureName[] => [...buckets.map(([, measure]) => measure), count];

function readingOf({ window, step }: Asked): Reading {
  if (step !== undefined) return perStep(step);
  return window === 'range' ? inRange : now;
}

export function requireSource(asked: Asked, measures: readonly MeasureName[], buckets?: true): Source {
  const { panelId, by, where, window, step, variables } = asked;
  const period = step === undefined ? PERIODS[window] : undefined;
  const source = sourceOf({ measures, by, where, period, buckets }, asked);
  if (source !== undefined) return source;
  const labels = [...new Set([...by, ...where.map(({ dimension }) => dimension)])];
  const what = `${measures.join(', ')}${labels.length === 0 ? '' : ` by ${labels.join(', ')}`}`;
  const narrowed = variables.length === 0 ? '' : ` that can be narrowed by ${variables.join(', ')}`;
  const when = period === undefined ? '' : ` for the period ${period}; the window "range" may have it`;
  throw new NotExposed(`Panel ${panelId}: /metrics has no series of ${what}${narrowed}${when}.`);
}
