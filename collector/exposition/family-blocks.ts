/** The families of series as the ledger holds them now. */

import { LABELS } from '../catalog/names.ts';
import { type ExposedPeriod, type FamilyName, familySeries, periodSeries, type SeriesFamily } from '../catalog/series-families.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { lastMonthToDate, periodAround, periodStart, type TimeRange } from '../core/time-range.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import type { Block, RowSeries, Source } from './block.ts';
import { gauge } from './families.ts';
import { otherText, plainLabels, readRows } from './label-rows.ts';
import { labelText } from './label-text.ts';

/** A family's lifetime totals and its cost to date. */
export async function familyBlock(
  ledger: Pick<LedgerSnapshot, 'query'>,
  name: FamilyName,
  family: SeriesFamily,
  calendar: CalendarOptions,
  nowMs: number,
): Promise<Block> {
  const labels = plainLabels(family.labels);
  const { timeZone } = calendar;
  const rows = await readRows(ledger, { labels, measures: family.measures, timeRanges: [{}], timeZone });
  const sources: Source[] = [{ rows, series: lifetimeSeries(name, family) }];
  for (const period of family.periods) {
    const timeRanges = timeRangesOf(period, nowMs, calendar);
    sources.push({ rows: await readRows(ledger, { labels, measures: ['cost'], timeRanges, timeZone }), series: [toDate(name, period)] });
  }
  return { other: otherText(family.labels), sources };
}

/** Cost is shown for every label set, so that a person whose work cost nothing is there too. */
export function lifetimeSeries(name: FamilyName, { measures }: SeriesFamily): RowSeries[] {
  return familySeries(name).map(({ name: series, labels, divisor, help, measure, shownWith }) => ({
    family: gauge(series, `${help} Since the beginning.`),
    labels: labelText(labels),
    index: measures.indexOf(measure),
    divisor,
    shownWith: measure === 'cost' ? undefined : measures.indexOf(shownWith),
  }));
}

const toDate = (name: FamilyName, period: ExposedPeriod): RowSeries => ({
  family: gauge(periodSeries(name), PERIOD_HELP),
  labels: labelText({ [LABELS.period]: period }),
  index: 0,
  divisor: 1e12,
  shownWith: undefined,
});

const PERIOD_HELP =
  'Booked cost in USD of this day, week or month so far, of all of last month (last_month), and of last month up to the same elapsed time (last_month_to_date).';

/** Whole days apart from the rest: the ledger keeps them ready. */
export function timeRangesOf(period: ExposedPeriod, nowMs: number, calendar: CalendarOptions): Required<TimeRange>[] {
  if (period === 'last_month') return [periodAround('month', nowMs, calendar, -1)];
  if (period !== 'last_month_to_date') return [periodAround(period, nowMs, calendar)];
  const { fromMs, toMs } = lastMonthToDate(nowMs, calendar);
  const dayMs = periodStart('day', toMs, calendar);
  return [
    { fromMs, toMs: dayMs },
    { fromMs: dayMs, toMs },
  ].filter((timeRange) => timeRange.fromMs < timeRange.toMs);
}
