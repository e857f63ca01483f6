/**
 * What was spent in its own time, for budgets, limits and what is compared with the usual: an answer without what was posted for a closed month
 * (closed-months.ts) though it was spent before the period of its row. Last month's history that is imported today is nothing anybody spends today.
 */
import type { Calendar } from '../core/calendar.ts';
import type { TimeRange } from '../core/time-range.ts';
import type { MovedQuery, MovedRow } from './closed-months.ts';
import type { Query, Row } from './ledger.ts';
import { MergedRows } from './merged-rows.ts';
import { periodStarts } from './period-starts.ts';

interface Period extends TimeRange {
  /** As in Row. */
  readonly startMs: number | undefined;
}

/** Asks a store what was moved, at the same instant as it read the rows; some stores answer at once, others later. */
export function* spentInTime(query: Query, rows: Row[], calendar: Calendar): Generator<MovedQuery, Row[], readonly MovedRow[]> {
  const { by, measures, where, rowsMax, grain, fromMs, toMs } = query;
  // Before the beginning nothing was spent.
  if (fromMs === undefined) return rows;
  const asked = { by, measures, within: where, rowsMax };
  // Mostly nothing is moved: then no period is asked for by itself.
  if (grain !== 'total' && (yield { ...asked, fromMs, toMs }).length === 0) return rows;
  const earlier: (Pick<MovedRow, 'key' | 'sums'> & Pick<Row, 'startMs'>)[] = [];
  for (const { startMs, ...timeRange } of periodsOf(query, fromMs, calendar)) {
    for (const { key, sums } of yield { ...asked, ...timeRange, spentBeforeMs: timeRange.fromMs }) earlier.push({ startMs, key, sums });
  }
  if (earlier.length === 0) return rows;
  const merged = new MergedRows({ rowsMax });
  for (const { startMs, key, values } of rows) merged.add(startMs, key, [...values]);
  for (const { startMs, key, sums } of earlier) {
    merged.add(
      startMs,
      key,
      measures.map((name) => -(sums[name] ?? 0n)),
    );
  }
  return merged.rows();
}

function periodsOf({ grain, toMs }: Query, fromMs: number, calendar: Calendar): Period[] {
  if (grain === 'total' || toMs === undefined) return [{ startMs: undefined, fromMs, ...(toMs !== undefined && { toMs }) }];
  const starts = periodStarts(calendar, grain, fromMs, toMs - 1).map((start) => start * 1_000);
  return starts.map((startMs, index) => ({ startMs, fromMs: Math.max(startMs, fromMs), toMs: Math.min(starts[index + 1] ?? toMs, toMs) }));
}
