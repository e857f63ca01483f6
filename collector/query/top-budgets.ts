/** The budgets that are nearly used up, and when they are at the rate of the last minutes. */
import { z } from 'zod';
import type { BudgetStatus } from '../budgets/status.ts';
import type { Filter } from '../catalog/values.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import { HOUR_MS } from '../core/duration.ts';
import { ceilQuarter, type TimeRange } from '../core/time-range.ts';
import { readSpend } from '../ledger/scoped-spend.ts';
import { amountSchema, instantSchema } from './answer-schemas.ts';
import type { Asking } from './question.ts';
import { renderExact, renderInstant } from './render.ts';
import { wholeLedger } from './scoped-reader.ts';
import { perHour } from './totals.ts';
import { areWithin, visibleStatuses } from './visible-budgets.ts';

/** From this share of its amount on a budget is shown whatever the rate is. */
const NEAR = 0.8;

export const topBudgetSchema = z
  .object({
    key: z.string(),
    scope: z.string().describe('"team=platform", or "everything".'),
    period: z.string(),
    unit: z.enum(['usd', 'tokens']),
    limit: amountSchema,
    spent: amountSchema,
    remaining: amountSchema.describe('Negative when overspent.'),
    used_ratio: z.number().nullable(),
    per_hour: amountSchema.describe('What was spent in its scope within the window, for an hour.'),
    runs_out_at: instantSchema.nullable().describe('At that rate; null when it is not within the period, or already is.'),
    seconds_left: z.number().int().nonnegative().nullable().describe('Until then; 0 when it is used up, null when it lasts.'),
  })
  .meta({ id: 'TopBudget' });
export type TopBudget = z.infer<typeof topBudgetSchema>;

interface Window extends TimeRange {
  readonly fromMs: number;
  /** Since then, in milliseconds. */
  readonly elapsedMs: number;
}

/** Those that are used up, then those that will be soonest. */
export async function topBudgets(asking: Asking, where: readonly Filter[], window: Window, limit: number): Promise<TopBudget[]> {
  const { budgets, config, reader, watch, now } = asking;
  const calendar = ledgerCalendar(config);
  const nowMs = now();
  const evaluation = { reader: wholeLedger(reader), calendar, nowMs, known: watch?.current()?.spend };
  const all = await visibleStatuses(await budgets.budgets(config.budgets), asking.scope, evaluation);
  const seen = all.filter((status) => status.active && areWithin(status.where, where));
  const timeRange = { fromMs: window.fromMs, toMs: ceilQuarter(nowMs + 1) };
  const requests = seen.map(({ where: scope, measures }) => ({ timeRange, where: scope, measures }));
  const { spends } = await readSpend(requests, { reader, calendar });
  return seen
    .map((status, index) => rated(status, spends[index]?.total ?? 0n, window.elapsedMs, nowMs))
    .filter(({ status, leftMs }) => leftMs !== undefined || status.usedRatio >= NEAR)
    .sort((a, b) => (a.leftMs ?? Number.POSITIVE_INFINITY) - (b.leftMs ?? Number.POSITIVE_INFINITY) || b.status.usedRatio - a.status.usedRatio)
    .slice(0, limit)
    .map((one) => render(one, nowMs));
}

interface Rated {
  readonly status: BudgetStatus;
  readonly perHour: bigint;
  /** 0: it is used up. Undefined: it lasts for its period. */
  readonly leftMs: number | undefined;
}

function rated(status: BudgetStatus, spent: bigint, elapsedMs: number, nowMs: number): Rated {
  const rate = perHour(spent, elapsedMs);
  if (status.remaining <= 0n) return { status, perHour: rate, leftMs: status.limit > 0n || status.spent > 0n ? 0 : undefined };
  const leftMs = rate > 0n ? Number((status.remaining * BigInt(HOUR_MS)) / rate) : Number.POSITIVE_INFINITY;
  return { status, perHour: rate, leftMs: nowMs + leftMs < status.periodEndMs ? leftMs : undefined };
}

const render = ({ status, perHour, leftMs }: Rated, nowMs: number): TopBudget => ({
  ...{ key: status.key, scope: status.scope, period: status.period, unit: status.unit },
  limit: renderExact(status.unit, status.limit),
  spent: renderExact(status.unit, status.spent),
  remaining: renderExact(status.unit, status.remaining),
  used_ratio: Number.isFinite(status.usedRatio) ? status.usedRatio : null,
  per_hour: renderExact(status.unit, perHour),
  runs_out_at: leftMs === undefined || leftMs === 0 ? null : renderInstant(nowMs + leftMs),
  seconds_left: leftMs === undefined ? null : Math.round(leftMs / 1000),
});
