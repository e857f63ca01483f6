/** Facts of the ledger to the figures of a trend. */
import { type FigureUnit, figureUnit } from '../../catalog/figures.ts';
import { showValue } from '../../catalog/values.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { type ComparedRange, renderRange } from '../compared-range.ts';
import type { FilterHint } from '../known-values.ts';
import { type Amount, freshnessOf, renderExact, renderInstant } from '../render.ts';
import { changeRatio, shareOf, total } from '../totals.ts';
import { type TrendAnswer, WEEKDAYS } from './answer.ts';
import type { TrendFacts, TrendRequest } from './facts.ts';
import { AVERAGED, type Point, pointsOf, weekdaysOf } from './points.ts';

export function renderTrend(
  facts: TrendFacts,
  request: TrendRequest,
  compared: ComparedRange,
  hints: readonly FilterHint[],
  nowMs: number,
): TrendAnswer {
  const { range, grain, figure, by, calendar } = request;
  const points = pointsOf(facts.all, facts.earlier, { range, grain, calendar, nowMs, coveredFromMs: facts.coveredFromMs });
  const amount = (value: bigint): Amount => renderExact(figureUnit(figure), value);
  const isCovered = compared.beforeToDate !== undefined && facts.coveredFromMs <= compared.before.fromMs;
  const changes = (now: bigint, before: bigint | undefined) => ({
    total: amount(now),
    before: isCovered && before !== undefined ? amount(before) : null,
    change: isCovered && before !== undefined ? amount(now - before) : null,
    change_ratio: isCovered && before !== undefined ? changeRatio(now, before) : null,
  });
  const mean = meanOf(amount, figureUnit(figure));
  const whole = points.flatMap(({ isWhole, value }) => (isWhole && value !== undefined ? [value] : []));
  return {
    range: renderRange(range, calendar),
    time_zone: calendar.timeZone,
    ...{ grain, measure: figure, unit: figureUnit(figure) },
    ...changes(facts.total, facts.before),
    compared: compared.beforeToDate === undefined ? null : renderRange(compared.beforeToDate, calendar),
    average: whole.length === 0 ? null : mean(total(whole), whole.length),
    averaged_points: AVERAGED[grain],
    points: points.map(({ fromMs, value, movingTotal, isWhole }) => ({
      start: renderInstant(fromMs),
      value: value === undefined ? null : amount(value),
      moving_average: movingTotal === undefined ? null : mean(movingTotal, AVERAGED[grain]),
      is_whole: isWhole,
    })),
    weekdays: grain === 'day' ? renderWeekdays(points, calendar, mean) : [],
    by: by ?? null,
    ...renderSeries(facts, request, points, changes),
    ...freshnessOf(facts.asOfMs, nowMs),
    hints: [...hints],
  };
}

type Mean = (sum: bigint, count: number) => Amount;

/** Money to its last digit, tokens and times in whole units; of what is counted one by one, a few in a week are not none a day. Six decimals, cut. */
const meanOf =
  (amount: (value: bigint) => Amount, unit: FigureUnit): Mean =>
  (sum, count) =>
    unit === 'count' ? Number((sum * 1_000_000n) / BigInt(count)) / 1e6 : amount(sum / BigInt(count));

function renderWeekdays(points: readonly Point[], calendar: CalendarOptions, mean: Mean): TrendAnswer['weekdays'] {
  const weekdays = weekdaysOf(points, calendar);
  const all = total(weekdays.map((one) => one.total));
  return weekdays.flatMap(({ weekday, days, total: own }) => {
    const name = WEEKDAYS[weekday - 1];
    return name === undefined ? [] : [{ weekday: name, days, average: mean(own, days), share: shareOf(own, all) }];
  });
}

type Changes = (now: bigint, before: bigint | undefined) => Pick<TrendAnswer, 'total' | 'before' | 'change' | 'change_ratio'>;

function renderSeries(facts: TrendFacts, { by, figure }: TrendRequest, points: readonly Point[], changes: Changes) {
  if (by === undefined) return { series: [], others: null };
  const row = (now: bigint, before: bigint, valueAt: (startMs: number) => bigint) => ({
    ...changes(now, before),
    share: shareOf(now, facts.total),
    values: points.map(({ fromMs, value }) => (value === undefined ? null : renderExact(figureUnit(figure), valueAt(fromMs)))),
  });
  const shown = [...facts.byValue];
  const series = shown.map(([value, own]) => {
    const { now, before } = facts.totals.get(value) ?? { now: 0n, before: 0n };
    return { value: showValue(by, value), ...row(now, before, (startMs) => own.get(startMs) ?? 0n) };
  });
  const hidden = [...facts.totals].filter(([value]) => !facts.byValue.has(value)).map(([, sums]) => sums);
  if (hidden.length === 0) return { series, others: null };
  const rest = (startMs: number): bigint => (facts.all.get(startMs) ?? 0n) - total(shown.map(([, own]) => own.get(startMs) ?? 0n));
  return { series, others: { count: hidden.length, ...row(total(hidden.map(({ now }) => now)), total(hidden.map(({ before }) => before)), rest) } };
}
