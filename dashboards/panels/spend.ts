/** Panels about money. To-date windows read the ledger's period figures and need no history in Prometheus. */
import type { DimensionName } from '../../collector/measures.ts';
import type { Panel, Window } from '../panel.ts';

const BOOKED = 'Booked cost: for each session and model the larger of what events and metrics report, never both.';

const PERIOD_TEXT: Readonly<Record<Window, string>> = {
  today: 'since midnight',
  this_week: 'since the week began',
  this_month: 'since the first of the month',
  range: 'in the chosen time range',
};

const PERIOD_TITLE: Readonly<Record<Window, string>> = {
  today: 'today',
  this_week: 'this week',
  this_month: 'this month',
  range: 'in the time range',
};

/** `today` becomes the id `spend-today`, `this_month` becomes `spend-this-month`. */
const kebab = (text: string): string => text.replaceAll('_', '-');

export const spendStat = (window: Window, width: number): Panel => ({
  id: `spend-${kebab(window)}`,
  title: `Spend ${PERIOD_TITLE[window]}`,
  description: `${BOOKED} Counted ${PERIOD_TEXT[window]}, in the time zone of the ledger.`,
  visualisation: 'stat',
  unit: 'usd',
  query: { measures: ['cost'], by: [], window },
  width,
  height: 4,
});

export const unallocatedStat = (dimension: DimensionName, window: Window, width: number): Panel => ({
  id: `unallocated-${dimension}-${kebab(window)}`,
  title: `Without a ${dimension}, ${PERIOD_TITLE[window]}`,
  description: `Share of the booked cost ${PERIOD_TEXT[window]} for which no ${dimension} is known. Name it in the directory file, the token or the client's settings.`,
  visualisation: 'stat',
  unit: 'usd',
  query: { measures: ['cost'], by: [dimension], window, figure: 'absent_share' },
  width,
  height: 4,
});

export interface SpendBars {
  readonly dimension: DimensionName;
  readonly window: Window;
  readonly width: number;
  /** Show only the largest N, and the rest as one row "other". */
  readonly top?: number;
}

export const spendBars = ({ dimension, window, width, top }: SpendBars): Panel => ({
  id: `spend-by-${kebab(dimension)}`,
  title: `Spend ${PERIOD_TITLE[window]} by ${dimension.replaceAll('_', ' ')}`,
  description: `${BOOKED} Counted ${PERIOD_TEXT[window]}.${top === undefined ? '' : ` The ${top} largest; all others in one row.`}`,
  visualisation: 'bars',
  unit: 'usd',
  query: { measures: ['cost'], by: [dimension], window, ...(top === undefined ? {} : { top }) },
  width,
  height: 9,
});

export const spendPerDay = (dimension: DimensionName, width: number, top: number): Panel => ({
  id: `spend-per-day-by-${kebab(dimension)}`,
  title: `Spend per day by ${dimension}`,
  description: `${BOOKED} One bar is one day; the last bar is the day so far. The ${top} largest of the range; all others in one. In Grafana a day shows only if the collector was scraped when it began.`,
  visualisation: 'timeseries',
  unit: 'usd',
  query: { measures: ['cost'], by: [dimension], window: 'range', grain: 'day', top },
  width,
  height: 9,
});
