/** Everything that alerts are made of, read from the ledger at one instant. */

import { evaluateBudgets, type ForecastMemo } from '../budgets/evaluate.ts';
import type { Budget } from '../budgets/journal.ts';
import type { MeasureName } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import type { AlertsConfig } from '../config/alerts.ts';
import type { Config } from '../config/config.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { DAY_MS } from '../core/duration.ts';
import { floorQuarter } from '../core/time-range.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import type { AlertFacts, ShareTooHigh } from './alert.ts';
import { findAnomalies } from './anomalies/detect.ts';
import { costlySessions } from './costly-sessions.ts';
import { rateLimitedRequests, rateLimitUse } from './rate-limits.ts';

export interface FactContext {
  readonly reader: LedgerSnapshot;
  readonly calendar: CalendarOptions;
  readonly nowMs: number;
  readonly budgets: readonly Budget[];
  readonly alerts: Pick<AlertsConfig, 'unpriced_share' | 'unallocated_share'>;
  readonly rateLimits: Config['rate_limits'];
  /** Alerts are evaluated every minute, and forecasts of thousands of members take seconds. */
  readonly forecastMemo: ForecastMemo;
}

const TOKENS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const;

export async function readFacts(context: FactContext): Promise<AlertFacts> {
  const { reader, calendar, nowMs, forecastMemo } = context;
  const budgets = await evaluateBudgets(context.budgets, { reader, calendar, nowMs, withForecast: true, forecastMemo });
  return {
    budgets,
    sessions: await costlySessions(budgets, reader, nowMs),
    anomalies: await findAnomalies({ reader, calendar, nowMs }),
    shares: [...(await unpriced(context)), ...(await unallocated(context))],
    ...(await rates(context)),
  };
}

async function rates({ reader, rateLimits, calendar, nowMs }: FactContext): Promise<Pick<AlertFacts, 'rates' | 'rateLimited'>> {
  const used = await rateLimitUse(reader, rateLimits, nowMs);
  return { rates: used, rateLimited: used.length === 0 ? 0 : await rateLimitedRequests(reader, calendar, nowMs) };
}

async function unpriced(context: FactContext): Promise<ShareTooHigh[]> {
  const [without = 0n, ...classes] = await totals(context, ['unpriced_tokens', ...TOKENS], []);
  return tooHigh(
    'unpriced',
    without,
    classes.reduce((sum, tokens) => sum + tokens, 0n),
    context.alerts.unpriced_share,
  );
}

async function unallocated(context: FactContext): Promise<ShareTooHigh[]> {
  const [all = 0n] = await totals(context, ['cost'], []);
  const [without = 0n] = await totals(context, ['cost'], [{ dimension: 'team', values: [''] }]);
  return tooHigh('unallocated', without, all, context.alerts.unallocated_share);
}

/** Of the last 24 hours. What was posted in them for a closed month was spent long ago. */
async function totals(
  { reader, calendar, nowMs }: FactContext,
  measures: readonly MeasureName[],
  where: readonly Filter[],
): Promise<readonly bigint[]> {
  const fromMs = floorQuarter(nowMs - DAY_MS);
  const query = { measures, by: [], fromMs, grain: 'total', timeZone: calendar.timeZone, where, rowsMax: 1, isInTime: true } as const;
  const result = await reader.query(query);
  return result.totals;
}

function tooHigh(what: ShareTooHigh['what'], part: bigint, whole: bigint, limit: number): ShareTooHigh[] {
  if (whole === 0n) return [];
  const share = Number((part * 1_000_000n) / whole) / 1e6;
  return share > limit ? [{ what, share, limit }] : [];
}
