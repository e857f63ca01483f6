/**
 * The ledger's past as /metrics would have shown it, had it been scraped at every step and had all telemetry arrived in
 * time: lifetime totals, instant by instant. A day of the ledger and the running totals are all that is held at once.
 */

import { MEASURE_NAMES } from '../../catalog/measures.ts';
import { SERIES } from '../../catalog/names.ts';
import { completeSeries, FAMILY_NAMES, type FamilyName, type SeriesFamily } from '../../catalog/series-families.ts';
import { QUARTER_MS } from '../../core/calendar.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { LedgerSnapshot, Row } from '../../ledger/ledger.ts';
import { FamilyTotals, type Labels, type Track } from './family-totals.ts';

/** Rows one day of the ledger may have. More is an error that says so. */
const ROWS_MAX = 1_000_000;

export interface Instant {
  readonly timeMs: number;
  /** Valid until the next instant is asked for. */
  readonly tracks: readonly Track[];
}

export interface HistoryOptions {
  /** First and last instant, epoch milliseconds; both whole steps. */
  readonly fromMs: number;
  readonly toMs: number;
  /** A part of a quarter of an hour, or a multiple of one that divides a day. */
  readonly stepMs: number;
  /** Labels that a scrape would add, such as job and instance. */
  readonly labels: Labels;
  /** As the configuration has them: exposedFamilies. */
  readonly families: Readonly<Record<FamilyName, SeriesFamily>>;
  /** Of Ledgerline itself. */
  readonly version: string;
}

type Reader = Pick<LedgerSnapshot, 'query'>;

/** The instants in order. Between two quarters of an hour the total of the last full one stands. */
export async function* readHistory(
  reader: Reader,
  { fromMs, toMs, stepMs, labels, families, version }: HistoryOptions,
): AsyncGenerator<Instant, void> {
  const tracks: Track[] = [{ name: SERIES.buildInfo, labels: { ...labels, version }, value: 1 }];
  for (const name of new Set(FAMILY_NAMES.map(completeSeries))) tracks.push({ name, labels, value: 1 });
  const all = FAMILY_NAMES.map((name) => new FamilyTotals(name, families[name], labels, tracks));
  for (const totals of all) for (const row of await rowsOf(reader, totals, { toMs: fromMs }, 'total')) totals.add(row);
  for (let dayMs = fromMs; dayMs <= toMs; dayMs += DAY_MS) {
    const endMs = Math.min(dayMs + DAY_MS, Math.ceil(toMs / QUARTER_MS) * QUARTER_MS);
    const rows = endMs > dayMs ? await dayRows(reader, all, { fromMs: dayMs, toMs: endMs }, stepMs) : [];
    let next = 0;
    for (let timeMs = dayMs; timeMs < dayMs + DAY_MS && timeMs <= toMs; timeMs += stepMs) {
      for (let at = rows[next]; at !== undefined && at.endMs <= timeMs; at = rows[++next]) at.totals.add(at.row);
      yield { timeMs, tracks };
    }
    for (const { totals, row } of rows.slice(next)) totals.add(row);
  }
}

interface DayRow {
  readonly totals: FamilyTotals;
  readonly row: Row;
  /** When all of it has been booked. */
  readonly endMs: number;
}

interface BackfillRange {
  readonly fromMs?: number;
  readonly toMs: number;
}

/** By quarter of an hour in the order of time; steps of a day need no more than the roll-ups by day. */
async function dayRows(reader: Reader, all: readonly FamilyTotals[], timeRange: BackfillRange, stepMs: number): Promise<readonly DayRow[]> {
  const grain = stepMs >= DAY_MS ? 'total' : 'quarter_hour';
  const rows: DayRow[] = [];
  for (const totals of all) {
    for (const row of await rowsOf(reader, totals, timeRange, grain)) {
      rows.push({ totals, row, endMs: row.startMs === undefined ? timeRange.toMs : row.startMs + QUARTER_MS });
    }
  }
  return rows.sort((a, b) => a.endMs - b.endMs);
}

async function rowsOf(
  reader: Reader,
  { measures, by }: FamilyTotals,
  timeRange: BackfillRange,
  grain: 'total' | 'quarter_hour',
): Promise<readonly Row[]> {
  const { rows } = await reader.query({ ...timeRange, measures, by, grain, timeZone: 'UTC', where: [], rowsMax: ROWS_MAX, beyond: 'other' });
  return rows;
}

/** The start of the ledger's first quarter of an hour; undefined when it is empty. */
export async function firstQuarterMs(reader: Reader): Promise<number | undefined> {
  const starts = async (grain: 'month' | 'quarter_hour', timeRange: { fromMs?: number; toMs?: number }) => {
    const { rows } = await reader.query({
      ...timeRange,
      measures: MEASURE_NAMES,
      by: [],
      grain,
      timeZone: 'UTC',
      where: [],
      rowsMax: ROWS_MAX,
      beyond: 'other',
    });
    return rows.flatMap(({ startMs }) => (startMs === undefined ? [] : [startMs]));
  };
  const months = await starts('month', {});
  if (months.length === 0) return undefined;
  const fromMs = Math.min(...months);
  return Math.min(...(await starts('quarter_hour', { fromMs, toMs: fromMs + 31 * DAY_MS })));
}
