/**
 * The ledger's past as /metrics would have shown it, had it been scraped at every step and had all telemetry arrived in
 * time: lifetime totals, instant by instant. A day of the ledger and the running totals are all that is held at once.
 */
import { QUARTER_MS } from '../calendar.ts';
import { type ExposedMeasure, LEDGER_SERIES, type MeasureSeries } from '../exposed-series.ts';
import { boundedValue } from '../label-text.ts';
import type { LedgerReader, Row } from '../ledger.ts';
import { showValue } from '../measures.ts';
import { LEDGER_LABELS, SERIES } from '../names.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;
/** Rows one day of the ledger may have. More is an error that says so. */
const ROWS_MAX = 1_000_000;
const MEASURES = Object.keys(LEDGER_SERIES) as ExposedMeasure[];

export type Labels = Readonly<Record<string, string>>;

/** One series, and its value at the instant that was handed out last. */
export interface Track {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

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
  /** Of Ledgerline itself. */
  readonly version: string;
}

type Reader = Pick<LedgerReader, 'query'>;

/** The instants in order. Between two quarters of an hour the total of the last full one stands. */
export function* readHistory(reader: Reader, options: HistoryOptions): Generator<Instant, void> {
  const { fromMs, toMs, stepMs } = options;
  const totals = new RunningTotals(options);
  for (const row of rowsOf(reader, { toMs: fromMs }, 'total')) totals.add(row);
  for (let dayMs = fromMs; dayMs <= toMs; dayMs += DAY_MS) {
    const endMs = Math.min(dayMs + DAY_MS, Math.ceil(toMs / QUARTER_MS) * QUARTER_MS);
    const rows = endMs > dayMs ? dayRows(reader, dayMs, endMs, stepMs) : [];
    let next = 0;
    for (let timeMs = dayMs; timeMs < dayMs + DAY_MS && timeMs <= toMs; timeMs += stepMs) {
      for (let row = rows[next]; row !== undefined && endOf(row, endMs) <= timeMs; row = rows[++next]) totals.add(row);
      yield { timeMs, tracks: totals.tracks };
    }
    for (const row of rows.slice(next)) totals.add(row);
  }
}

/** By quarter of an hour in the order of time; steps of a day need no more than the roll-up by day. */
function dayRows(reader: Reader, fromMs: number, toMs: number, stepMs: number): readonly Row[] {
  const rows = rowsOf(reader, { fromMs, toMs }, stepMs >= DAY_MS ? 'total' : 'quarter_hour');
  return [...rows].sort((a, b) => endOf(a, toMs) - endOf(b, toMs));
}

const endOf = ({ startMs }: Row, dayEndMs: number): number => (startMs === undefined ? dayEndMs : startMs + QUARTER_MS);

const rowsOf = (reader: Reader, span: { fromMs?: number; toMs?: number }, grain: 'total' | 'quarter_hour'): readonly Row[] =>
  reader.query({ ...span, measures: MEASURES, by: LEDGER_LABELS, grain, timeZone: 'UTC', where: [], rowsMax: ROWS_MAX }).rows;

/** The start of the ledger's first quarter of an hour; undefined when it is empty. */
export function firstQuarterMs(reader: Reader): number | undefined {
  const starts = (grain: 'month' | 'quarter_hour', span: { fromMs?: number; toMs?: number }) =>
    reader
      .query({ ...span, measures: MEASURES, by: [], grain, timeZone: 'UTC', where: [], rowsMax: ROWS_MAX })
      .rows.flatMap(({ startMs }) => (startMs === undefined ? [] : [startMs]));
  const months = starts('month', {});
  if (months.length === 0) return undefined;
  const fromMs = Math.min(...months);
  return Math.min(...starts('quarter_hour', { fromMs, toMs: fromMs + 31 * DAY_MS }));
}

class RunningTotals {
  readonly tracks: Track[] = [];
  readonly #labels: Labels;
  readonly #sets = new Map<string, LabelSet>();

  constructor({ labels, version }: HistoryOptions) {
    this.#labels = labels;
    this.tracks.push({ name: SERIES.buildInfo, labels: { ...labels, version }, value: 1 });
  }

  add({ key, values }: Row): void {
    const shown = LEDGER_LABELS.map((name, index) => boundedValue(showValue(name, key[index] ?? '')));
    const labels = () => ({ ...this.#labels, ...Object.fromEntries(LEDGER_LABELS.map((name, index) => [name, shown[index] ?? ''])) });
    const set = this.#sets.getOrInsertComputed(shown.join('\u0000'), () => new LabelSet(labels(), this.tracks));
    set.add(values);
  }
}

/** The series of one label set. Like on /metrics, cost is there from the beginning, others from their first amount. */
class LabelSet {
  readonly #labels: Labels;
  readonly #all: Track[];
  readonly #totals: bigint[] = MEASURES.map(() => 0n);
  readonly #own = new Map<ExposedMeasure, { -readonly [key in keyof Track]: Track[key] }>();

  constructor(labels: Labels, all: Track[]) {
    this.#labels = labels;
    this.#all = all;
  }

  add(values: readonly bigint[]): void {
    for (const [index, measure] of MEASURES.entries()) {
      const added = values[index] ?? 0n;
      const total = (this.#totals[index] ?? 0n) + added;
      this.#totals[index] = total;
      if (added !== 0n || (measure === 'cost' && !this.#own.has(measure))) this.#show(measure, total);
    }
  }

  #show(measure: ExposedMeasure, total: bigint): void {
    const { series, labels, divisor }: MeasureSeries = LEDGER_SERIES[measure];
    const value = Number(total) / divisor;
    const known = this.#own.get(measure);
    if (known !== undefined) {
      known.value = value;
      return;
    }
    const track = { name: series, labels: { ...this.#labels, ...labels }, value };
    this.#own.set(measure, track);
    this.#all.push(track);
  }
}
