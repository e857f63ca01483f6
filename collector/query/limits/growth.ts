/** How use has grown week by week, and when it meets a limit at that rate: a straight line through whole weeks. Pure but for reading. */
import type { MeasureName } from '../../catalog/measures.ts';
import type { Filter } from '../../catalog/values.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { DAY_MS } from '../../core/duration.ts';
import { periodAround } from '../../core/time-range.ts';
import { coverageStart } from '../../ledger/coverage-start.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import { sumIn } from '../totals.ts';
import type { LimitName } from './headroom.ts';

const WEEKS_MAX = 13;
/** Fewer say nothing about growth. */
export const WEEKS_MIN = 4;
const WEEKS_AHEAD_MAX = 104;
/** More than the ledger keeps apart. */
const ROWS_MAX = 10_000_000;
const MEASURES: readonly MeasureName[] = ['requests', 'input_tokens', 'cache_creation_tokens', 'output_tokens'];

/** A whole week of the ledger's calendar. Tokens are booked, without cache reads. */
export interface Week {
  readonly startMs: number;
  readonly users: number;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface GrowthRequest {
  readonly nowMs: number;
  readonly calendar: CalendarOptions;
  readonly where: readonly Filter[];
}

/** Whole weeks that the ledger covers, oldest first: at most 13. */
export async function readWeeks(ledger: Pick<LedgerSnapshot, 'query'>, { nowMs, calendar, where }: GrowthRequest): Promise<Week[]> {
  const toMs = periodAround('week', nowMs, calendar).fromMs;
  const { fromMs } = periodAround('week', nowMs, calendar, -WEEKS_MAX);
  const coveredMs = await coverageStart(ledger, { fromMs, toMs }, calendar.timeZone);
  const asked = { measures: MEASURES, fromMs, toMs, grain: 'week', timeZone: calendar.timeZone, where, rowsMax: ROWS_MAX } as const;
  const sums = new Map((await ledger.query({ ...asked, by: [] })).rows.map(({ startMs = 0, values }) => [startMs, sumIn(MEASURES, values)]));
  const users = new Map<number, number>();
  for (const { startMs = 0, key, values } of (await ledger.query({ ...asked, by: ['user'] })).rows) {
    const isUser = key[0] !== '' && sumIn(MEASURES, values)('requests') > 0n;
    users.set(startMs, (users.get(startMs) ?? 0) + Number(isUser));
  }
  return weeksBetween(coveredMs, toMs, calendar).map((startMs): Week => {
    const amount = (measure: MeasureName): number => Number(sums.get(startMs)?.(measure) ?? 0n);
    return {
      startMs,
      users: users.get(startMs) ?? 0,
      requests: amount('requests'),
      inputTokens: amount('input_tokens') + amount('cache_creation_tokens'),
      outputTokens: amount('output_tokens'),
    };
  });
}

function weeksBetween(fromMs: number, toMs: number, calendar: CalendarOptions): number[] {
  const starts: number[] = [];
  for (let week = periodAround('week', fromMs, calendar); week.toMs <= toMs; week = periodAround('week', week.toMs, calendar))
    if (week.fromMs >= fromMs) starts.push(week.fromMs);
  return starts;
}

export interface Line {
  /** On the line at the last whole week. */
  readonly level: number;
  readonly perWeek: number;
}

/** Least squares. Undefined for fewer weeks than can say anything. */
export function lineThrough(amounts: readonly number[]): Line | undefined {
  const count = amounts.length;
  if (count < WEEKS_MIN) return undefined;
  const middle = (count - 1) / 2;
  const mean = amounts.reduce((sum, amount) => sum + amount, 0) / count;
  const products = amounts.reduce((sum, amount, week) => sum + (week - middle) * (amount - mean), 0);
  const squares = amounts.reduce((sum, _, week) => sum + (week - middle) ** 2, 0);
  const perWeek = products / squares;
  return { level: mean + perWeek * (count - 1 - middle), perWeek };
}

export const amountsOf = (weeks: readonly Week[], limit: LimitName): number[] =>
  weeks.map(({ requests, inputTokens, outputTokens }) => {
    if (limit === 'requests_per_minute') return requests;
    if (limit === 'input_tokens_per_minute') return inputTokens;
    return limit === 'output_tokens_per_minute' ? outputTokens : inputTokens + outputTokens;
  });

/** When, in weeks from now, or why not. */
export type Reached = { readonly weeks: number; readonly atMs: number } | { readonly reason: string };

/** The busiest percent of minutes is taken to grow as the use of a week does. `p99`: of the last days, in the unit of the limit. */
export function reachedAt(weeks: readonly Week[], { limit, perMinute, p99 }: Asked, nowMs: number): Reached {
  if (p99 === undefined || p99 === 0) return { reason: 'Nothing was measured that could be compared with the limit.' };
  if (p99 >= perMinute) return { weeks: 0, atMs: nowMs };
  const line = lineThrough(amountsOf(weeks, limit));
  if (line === undefined) return { reason: `The ledger covers ${weeks.length} whole weeks; at least ${WEEKS_MIN} are needed.` };
  if (line.perWeek <= 0 || line.level <= 0) return { reason: `Use has not grown over the last ${weeks.length} weeks.` };
  const ahead = (line.level * (perMinute / p99 - 1)) / line.perWeek;
  if (ahead > WEEKS_AHEAD_MAX) return { reason: 'Not within two years at the present rate of growth.' };
  return { weeks: ahead, atMs: nowMs + ahead * 7 * DAY_MS };
}

interface Asked {
  readonly limit: LimitName;
  readonly perMinute: number;
  readonly p99: number | undefined;
}
