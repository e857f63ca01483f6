/** Cumulative spend: what was spent from the beginning of the time picked up to each of its days or hours, beside the time before, with what lies ahead. */

import type { BudgetStatus } from '../../budgets/status.ts';
import { type FigureValue, measuresOf } from '../../catalog/figure-values.ts';
import type { FigureName } from '../../catalog/figures.ts';
import type { LedgerQuery } from '../../catalog/panel.ts';
import type { Grain } from '../../core/calendar.ts';
import { DAY_MS } from '../../core/duration.ts';
import { type PreviousRange, previousRange } from '../../core/previous-range.ts';
import type { TimeRange } from '../../core/time-range.ts';
import type { Amount } from '../render.ts';
import { barStarts } from './bar-starts.ts';
import type { BoardAnswers, Plan } from './board-answers.ts';
import type { BoardQuery, Question } from './board-query.ts';
import type { BudgetLine, CumulativeData } from './cumulative-data.ts';
import { figureOf, sumsOf } from './ledger-rows.ts';
import type { Outlook } from './outlook.ts';
import type { PanelUnit } from './panel-data.ts';
import { questionOf } from './questions.ts';
import { renderValue } from './rows.ts';

/** Beyond four years a point stands for a month, and nothing is compared. */
const DAYS_MAX_MS = 1_500 * DAY_MS;
const HOURS_MAX_MS = 2 * DAY_MS;

interface Course {
  readonly bars: Question;
  readonly grain: Grain;
  readonly before: { readonly range: PreviousRange; readonly bars: Question; readonly upTo: Question } | undefined;
}

function courseOf(query: LedgerQuery, asked: BoardQuery): Course {
  const timeRange = asked.timeRangeOf(query.window);
  const grain = grainOf(timeRange, asked.nowMs);
  const range = grain === 'month' ? undefined : previousRange(timeRange, asked.nowMs, asked.calendar);
  return {
    bars: questionOf(query, timeRange, grain),
    grain,
    before:
      range === undefined
        ? undefined
        : {
            range,
            bars: questionOf(query, { fromMs: range.fromMs, toMs: range.toMs }, grain),
            upTo: questionOf(query, { fromMs: range.fromMs, toMs: range.upToMs }),
          },
  };
}

function grainOf({ fromMs, toMs }: TimeRange, nowMs: number): Grain {
  if (fromMs === undefined) return 'month';
  const length = (toMs ?? nowMs) - fromMs;
  if (length <= HOURS_MAX_MS) return 'hour';
  return length <= DAYS_MAX_MS ? 'day' : 'month';
}

export function cumulativePlan(query: LedgerQuery, asked: BoardQuery): Plan {
  const { bars, before } = courseOf(query, asked);
  return { questions: [bars, ...(before === undefined ? [] : [before.bars, before.upTo])], gauges: [], outlook: true };
}

export function cumulativeData(query: LedgerQuery, unit: PanelUnit, answers: BoardAnswers): CumulativeData {
  const { asked, outlook } = answers;
  const [figure = 'cost'] = query.figures;
  const course = courseOf(query, asked);
  const totals = runningTotals(course.bars, figure, answers);
  const points = pointsOf(course, answers);
  const render = (value: bigint): Amount => renderValue(unit, value) ?? 0;
  const before = beforeOf(course, figure, answers);
  return {
    unit,
    grain: course.grain,
    at: points.map(({ atMs }) => atMs / 1000),
    amounts: points.map(({ atMs, bars }) => (atMs > asked.nowMs ? null : render(totals[bars] ?? 0n))),
    previous: before === undefined ? [] : points.map((point) => renderValue(unit, previousAt(point, before, asked))),
    previous_from: before === undefined ? null : before.fromMs / 1000,
    previous_to: before === undefined ? null : before.upToMs / 1000,
    total: render(totals.at(-1) ?? 0n),
    before: before === undefined ? null : render(before.total),
    before_note: before === undefined ? missingBefore(course, answers) : null,
    ...forecastOf(outlook, asked.timeRange, render),
    budgets: outlook.budgets.map((status) => budgetLine(status, render)),
  };
}

type Render = (value: bigint) => Amount;

function forecastOf({ forecast }: Outlook, { toMs }: TimeRange, render: Render): Pick<CumulativeData, 'forecast' | 'forecast_note'> {
  if (forecast.kind === 'none' || toMs === undefined) return { forecast: null, forecast_note: forecast.kind === 'none' ? forecast.reason : null };
  return { forecast: { median: render(forecast.p50), p90: render(forecast.p90), at: toMs / 1000 }, forecast_note: null };
}

function budgetLine({ key, limit, remaining, periodEndMs, forecast, stopped }: BudgetStatus, render: Render): BudgetLine {
  const runsOutMs = forecast.kind === 'band' ? forecast.breachMs : undefined;
  const runs_out = runsOutMs === undefined ? null : runsOutMs / 1000;
  return { budget: key, amount: render(limit), remaining: render(remaining), ends: periodEndMs / 1000, runs_out, stopped };
}

interface Point {
  readonly atMs: number;
  /** How many bars end by then. */
  readonly bars: number;
}

/** The beginning, and the end of every bar to the end of the time picked; and the present, where a bar is still going on. */
function pointsOf({ bars: { timeRange }, grain, bars }: Course, answers: BoardAnswers): readonly Point[] {
  const { nowMs, calendar } = answers.asked;
  const endMs = timeRange.toMs ?? nowMs;
  const starts = barStarts(grain, { ...timeRange, toMs: endMs }, answers.ledger(bars).rows, { calendar, nowMs: endMs });
  const points = starts.flatMap((startMs, index): Point[] => {
    const end = { atMs: starts[index + 1] ?? endMs, bars: index + 1 };
    const isGoingOn = Math.max(startMs, timeRange.fromMs ?? startMs) < nowMs && nowMs < end.atMs;
    return isGoingOn ? [{ atMs: nowMs, bars: index + 1 }, end] : [end];
  });
  return [{ atMs: timeRange.fromMs ?? starts[0] ?? endMs, bars: 0 }, ...points];
}

/** What was spent before each bar, the empty ones included, and at last after all of them. */
function runningTotals(question: Question, figure: FigureName, answers: BoardAnswers): readonly bigint[] {
  const { rows } = answers.ledger(question);
  const measures = measuresOf([figure]);
  const amounts = new Map(rows.map((row) => [row.startMs, exact(figureOf(figure, sumsOf(measures, row.values)))]));
  const totals = [0n];
  for (const startMs of barStarts(question.grain, question.timeRange, rows, answers.asked)) {
    totals.push((totals.at(-1) ?? 0n) + (amounts.get(startMs) ?? 0n));
  }
  return totals;
}

const exact = (value: FigureValue): bigint => (typeof value === 'bigint' ? value : 0n);

interface Before extends PreviousRange {
  readonly totals: readonly bigint[];
  /** As far into it as the time picked has come. */
  readonly total: bigint;
}

function beforeOf({ before }: Course, figure: FigureName, answers: BoardAnswers): Before | undefined {
  if (before === undefined || answers.outlook.coveredFromMs > before.range.fromMs) return undefined;
  const { totals } = answers.ledger(before.upTo);
  const total = exact(figureOf(figure, sumsOf(measuresOf([figure]), totals)));
  return { ...before.range, totals: runningTotals(before.bars, figure, answers), total };
}

function missingBefore({ before }: Course, { asked, outlook }: BoardAnswers): string {
  if (before === undefined) return 'There is no time before to compare with.';
  const { coveredFromMs } = outlook;
  if (coveredFromMs >= before.range.toMs) return 'The ledger has nothing of the time before.';
  const day = Temporal.Instant.fromEpochMilliseconds(coveredFromMs).toZonedDateTimeISO(asked.calendar.timeZone).toPlainDate();
  return `The ledger begins on ${day.toString()}, within the time before.`;
}

/** As far into the time before. The present, and the end of what is over, may lie within a bar of it. */
function previousAt({ atMs, bars }: Point, { totals, total }: Before, { nowMs, timeRange: { toMs = nowMs } }: BoardQuery): bigint | null {
  return atMs === Math.min(nowMs, toMs) ? total : (totals[bars] ?? null);
}
