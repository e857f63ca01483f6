/**
 * What each panel has to know before it can be computed, as data: so that the ledger is asked once for the same rows, and so that a panel
 * is computed without asking anybody. Pure.
 */

import { isAvailable, isSum } from '../../catalog/figure-values.ts';
import { GAUGES } from '../../catalog/gauges.ts';
import type { GaugeQuery, LedgerQuery, Panel } from '../../catalog/panel.ts';
import { DAY_MS } from '../../core/duration.ts';
import { periodAround } from '../../core/time-range.ts';
import { barStarts } from './bar-starts.ts';
import type { BoardAnswers, GaugeQuestion, Plan } from './board-answers.ts';
import type { BoardQuery, Question } from './board-query.ts';
import { budgetBarsPlan } from './budget-bars.ts';
import { comparedRanges } from './compared.ts';
import { cumulativePlan } from './cumulative.ts';
import { questionOf, rowsQuestions } from './questions.ts';
import { barQuestions, barsOf, grainFor, isOfGroups, rankGroups } from './series.ts';

/** The past of a gauge is read day by day. */
const GAUGE_DAYS_MAX = 400;
const GAUGE_DAYS = 30;

const NOTHING: Plan = { questions: [], gauges: [] };
const planOfQuestions = (...questions: readonly (Question | undefined)[]): Plan => ({
  questions: questions.filter((question) => question !== undefined),
  gauges: [],
});

export const together = (plans: readonly Plan[]): Plan => ({
  compared: plans.flatMap(({ compared = [] }) => compared),
  questions: plans.flatMap(({ questions }) => questions),
  gauges: plans.flatMap(({ gauges }) => gauges),
  ...(plans.some(({ budgets }) => budgets !== undefined) && { budgets: Math.max(...plans.map(({ budgets = 0 }) => budgets)) }),
  ...(plans.some(({ outlook }) => outlook === true) && { outlook: true }),
});

/** Without the figures that nobody knows of what the reader chose; undefined when none is left. */
export function knownPart(panel: Panel, { where }: BoardQuery): Panel | undefined {
  const { query } = panel;
  if (query.source !== 'ledger') return panel;
  const figures = query.figures.filter((name) => isAvailable(name, where));
  return figures.length === 0 ? undefined : { ...panel, query: { ...query, figures } };
}

/** Everything a panel needs, but for what follows from an answer: see planAfter. */
export function planOf(declared: Panel, asked: BoardQuery): Plan {
  const panel = knownPart(declared, asked);
  if (panel === undefined || panel.visualization === 'text') return NOTHING;
  const { query } = panel;
  if (panel.visualization === 'budgets' && query.source === 'gauge') return budgetBarsPlan(query);
  if (query.source === 'gauge') return { questions: [], gauges: gaugeQuestions(query, isOverTime(panel), asked) };
  if (query.source === 'self') return NOTHING;
  if (panel.visualization === 'cumulative') return cumulativePlan(query, asked);
  if (isOverTime(panel)) return seriesPlan(query, asked);
  const questions = panel.visualization === 'stat' ? statQuestions(query, asked) : rowsQuestions(query, asked);
  return { ...planOfQuestions(...Object.values(questions)), compared: comparedRanges(panel, asked) };
}

/** A panel over time draws the largest groups: which those are is known once its first question is answered. */
export function planAfter(declared: Panel, answers: BoardAnswers): Plan {
  const panel = knownPart(declared, answers.asked);
  if (panel === undefined || !isOverTime(panel) || panel.query.source !== 'ledger' || !isOfGroups(panel.query)) return NOTHING;
  const bars = barsOf(panel.query, answers.asked);
  const { kept, beyond } = rankGroups(bars, answers);
  return kept.length === 0 ? NOTHING : planOfQuestions(...Object.values(barQuestions(bars, kept, beyond.length > 0)));
}

const isOverTime = ({ visualization }: Panel): boolean => visualization === 'timeseries' || visualization === 'lines';

function seriesPlan(query: LedgerQuery, asked: BoardQuery): Plan {
  const { timeRange, grain } = barsOf(query, asked);
  const whole = questionOf(query, timeRange);
  if (isOfGroups(query)) return planOfQuestions(whole);
  return planOfQuestions(questionOf(query, timeRange, grain), query.summary === 'distinct' ? whole : undefined);
}

interface StatQuestions {
  readonly value: Question;
  readonly before: Question | undefined;
  /** The bars of the small chart, where the figure is a sum. */
  readonly trend: Question | undefined;
}

export function statQuestions(query: LedgerQuery, asked: BoardQuery): StatQuestions {
  const timeRange = asked.timeRangeOf(query.window);
  const before = asked.timeRangeBefore(query.window);
  const hasTrend = (query.summary ?? 'sum') === 'sum' && isSum(query.figures[0] ?? 'cost');
  const grain = query.window === 'today' ? 'hour' : grainFor(timeRange, asked.nowMs);
  return {
    value: questionOf(query, timeRange),
    before: before === undefined ? undefined : questionOf(query, before),
    trend: hasTrend ? questionOf(query, timeRange, grain, []) : undefined,
  };
}

function gaugeQuestions(query: GaugeQuery, isSeries: boolean, asked: BoardQuery): GaugeQuestion[] {
  if (!isSeries) return query.gauges.map((name) => ({ name, atMs: asked.nowMs }));
  const days = gaugeDays(asked);
  return query.gauges.filter((name) => 'isHistoric' in GAUGES[name]).flatMap((name) => days.map(({ atMs }) => ({ name, atMs })));
}

/**
 * The days of the time picked, and the instant at which a gauge is read for each: its last, or the present. The end itself is no longer of
 * the day: a period that ends with it has given way to the next.
 */
export function gaugeDays(asked: BoardQuery): readonly { readonly startMs: number; readonly atMs: number }[] {
  const { timeRange, nowMs, calendar } = asked;
  const fromMs = Math.max(timeRange.fromMs ?? nowMs - GAUGE_DAYS * DAY_MS, nowMs - GAUGE_DAYS_MAX * DAY_MS);
  const starts = barStarts('day', { ...timeRange, fromMs }, [], asked);
  return starts.map((startMs) => ({ startMs, atMs: Math.min(nowMs, periodAround('day', startMs, calendar).toMs - 1) }));
}
