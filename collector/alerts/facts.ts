/** Everything that alerts are made of, read from the ledger at one instant. */

import type { Budget } from '../budgets/book.ts';
import { evaluateBudgets, ForecastMemo } from '../budgets/evaluate.ts';
import type { MeasureName } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import type { AlertsConfig } from '../config/alerts.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { DAY_MS } from '../core/duration.ts';
import { floorQuarter } from '../core/time-range.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import type { AlertFacts, ShareTooHigh } from './alert.ts';
import { findAnomalies } from './anomalies/detect.ts';
import { costlySessions } from './costly-sessions.ts';

export interface FactContext {
  readonly reader: LedgerReader;
  readonly calendar: CalendarOptions;
  readonly nowMs: number;
  readonly budgets: readonly Budget[];
  readonly alerts: Pick<AlertsConfig, 'unpriced_share' | 'unallocated_share'>;
}

const TOKENS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const;

/** Alerts are evaluated every minute, and forecasts of thousands of members take seconds. */
const memos = new WeakMap<LedgerReader, ForecastMemo>();

export function readFacts(context: FactContext): AlertFacts {
  const { reader, calendar, nowMs } = context;
  const forecastMemo = memos.getOrInsertComputed(reader, () => new ForecastMemo());
  const budgets = evaluateBudgets(context.budgets, { reader, calendar, nowMs, withForecast: true, forecastMemo });
  return {
    budgets,
    sessions: costlySessions(budgets, reader, nowMs),
    anomalies: findAnomalies({ reader, calendar, nowMs }),
    shares: [...unpriced(context), ...unallocated(context)],
  };
}

function unpriced(context: FactContext): ShareTooHigh[] {
  const [without = 0n, ...classes] = totals(context, ['unpriced_tokens', ...TOKENS], []);
  return tooHigh(
    'unpriced',
    without,
    classes.reduce((sum, tokens) => sum + tokens, 0n),
    context.alerts.unpriced_share,
  );
}

function unallocated(context: FactContext): ShareTooHigh[] {
  const [all = 0n] = totals(context, ['cost'], []);
  const [without = 0n] = totals(context, ['cost'], [{ dimension: 'team', values: [''] }]);
  return tooHigh('unallocated', without, all, context.alerts.unallocated_share);
}

/** Of the last 24 hours. */
function totals({ reader, calendar, nowMs }: FactContext, measures: readonly MeasureName[], where: readonly Filter[]): readonly bigint[] {
  const fromMs = floorQuarter(nowMs - DAY_MS);
  return reader.query({ measures, by: [], fromMs, grain: 'total', timeZone: calendar.timeZone, where, rowsMax: 1 }).totals;
}

function tooHigh(what: ShareTooHigh['what'], part: bigint, whole: bigint, limit: number): ShareTooHigh[] {
  if (whole === 0n) return [];
  const share = Number((part * 1_000_000n) / whole) / 1e6;
  return share > limit ? [{ what, share, limit }] : [];
}
