/**
 * The ledger's past as /metrics would have shown it, had it been scraped at every step and had all telemetry arrived in
 * time: lifetime totals, instant by instant. A day of the ledger, or a part of it, and the running totals are all that is held at once.
 */

import { MEASURE_NAMES } from '../../catalog/measures.ts';
import { SERIES } from '../../catalog/names.ts';
import { completeSeries, FAMILY_NAMES, type FamilyName, type SeriesFamily } from '../../catalog/series-families.ts';
import { QUARTER_MS } from '../../core/calendar.ts';
import { DAY_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import type { LedgerSnapshot, Row } from '../../ledger/ledger.ts';
import { FamilyTotals, type Labels, type Track } from './family-totals.ts';

/** So many rows of one family are read at once: of a day with more, a part after the other. */
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
  readonly rowsMax?: number;
}

type Reader = Pick<LedgerSnapshot, 'query'>;

/** The instants in order. Between two quarters of an hour the total of the last full one stands. */
export async function* readHistory(
  reader: Reader,
  { fromMs, toMs, stepMs, labels, families, version, rowsMax = ROWS_MAX }: HistoryOptions,
): AsyncGenerator<Instant, void> {
  const tracks: Track[] = [{ name: SERIES.buildInfo, labels: { ...labels, version }, value: 1 }];
  for (const name of new Set(FAMILY_NAMES.map(completeSeries))) tracks.push({ name, labels, value: 1 });
  const all = FAMILY_NAMES.map((name) => new FamilyTotals(name, families[name], labels, tracks));
  for (const totals of all) {
    const before = partsOf([totals], { toMs: fromMs }, { reader, grain: 'total', rowsMax });
    for await (const rows of before) for (const { row } of rows) totals.add(row);
  }
  // Steps of a day need no more than the roll-ups by day.
  const asking: Asking = { reader, grain: stepMs >= DAY_MS ? 'total' : 'quarter_hour', rowsMax };
  const lastMs = Math.ceil(toMs / QUARTER_MS) * QUARTER_MS;
  let timeMs = fromMs;
  for (let dayMs = fromMs; dayMs < lastMs; dayMs += DAY_MS) {
    for await (const rows of partsOf(all, { fromMs: dayMs, toMs: Math.min(dayMs + DAY_MS, lastMs) }, asking)) {
      for (const { totals, row, endMs } of rows) {
        for (; timeMs < endMs && timeMs <= toMs; timeMs += stepMs) yield { timeMs, tracks };
        totals.add(row);
      }
    }
  }
  for (; timeMs <= toMs; timeMs += stepMs) yield { timeMs, tracks };
}

interface PartRow {
  readonly totals: FamilyTotals;
  readonly row: Row;
  /** When all of it has been booked. */
  readonly endMs: number;
}

interface BackfillRange {
  /** Default: the beginning of the ledger. */
  readonly fromMs?: number;
  readonly toMs: number;
}

interface Asking {
  readonly reader: Reader;
  readonly grain: 'total' | 'quarter_hour';
  readonly rowsMax: number;
}

/** The rows in the order of time, part by part: of a time range with more than are read at once first one half, then the other. */
async function* partsOf(all: readonly FamilyTotals[], timeRange: BackfillRange, asking: Asking): AsyncGenerator<readonly PartRow[], void> {
  const rows = await rowsOf(all, timeRange, asking);
  if (rows === undefined) {
    const middleMs = middleOf(timeRange, asking.rowsMax);
    yield* partsOf(all, { ...timeRange, toMs: middleMs }, asking);
    yield* partsOf(all, { ...timeRange, fromMs: middleMs }, asking);
  } else yield rows;
}

/** Undefined where a family has more than are read at once: the smallest would be missing in their own series. */
async function rowsOf(
  all: readonly FamilyTotals[],
  timeRange: BackfillRange,
  { reader, grain, rowsMax }: Asking,
): Promise<readonly PartRow[] | undefined> {
  const read: PartRow[] = [];
  for (const totals of all) {
    const { measures, by } = totals;
    const { rows } = await reader.query({ ...timeRange, measures, by, grain, timeZone: 'UTC', where: [], rowsMax, beyond: 'other' });
    for (const row of rows) {
      if (row.groups !== undefined) return undefined;
      read.push({ totals, row, endMs: row.startMs === undefined ? timeRange.toMs : row.startMs + QUARTER_MS });
    }
  }
  return read.sort((a, b) => a.endMs - b.endMs);
}

/** Throws `invalid` for a time range that cannot be cut any more. */
function middleOf({ fromMs = 0, toMs }: BackfillRange, rowsMax: number): number {
  const middleMs = Math.floor((fromMs + toMs) / 2 / QUARTER_MS) * QUARTER_MS;
  if (middleMs > fromMs) return middleMs;
  throw new LedgerlineError(
    'invalid',
    `The quarter of an hour from ${new Date(fromMs).toISOString()} has more than ${rowsMax} label sets of one family.`,
    {
      hint: 'Leave out a label with exposition.without.',
    },
  );
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
