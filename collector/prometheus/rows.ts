/** Rows of the ledger as label sets: values as they are shown, safe for the text format, and bounded in number. */
import type { LedgerReader, Query } from '../ledger.ts';
import type { MeasureName } from '../measures.ts';
import { showValue } from '../measures.ts';
import { LEDGER_LABELS } from '../names.ts';

/** Amounts by label set; the values are in the order of the measures that were asked for. */
export interface LabelledRows {
  readonly measures: readonly MeasureName[];
  readonly rows: ReadonlyMap<string, LabelledRow>;
  readonly asOfMs: number | undefined;
}

export interface LabelledRow {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly bigint[];
}

/** What the label sets beyond the limit are booked under, so that sums over /metrics stay exact. */
export const OTHER = '(other)';
const VALUE_CHARACTERS_MAX = 256;
/** Rows one question to the ledger may return. Beyond it the scrape fails and says so. */
const ROWS_MAX = 1_000_000;

// A NUL ends the text for Prometheus' parser, and other control characters have no place in a name.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f]/g;

const labelValue = (text: string): string => text.slice(0, VALUE_CHARACTERS_MAX).replace(CONTROL, '\ufffd');

/** Asks the ledger for totals by LEDGER_LABELS, over all time or within a period. */
export function readRows(
  reader: Pick<LedgerReader, 'query'>,
  measures: readonly MeasureName[],
  window: Pick<Query, 'timeZone' | 'fromMs' | 'toMs'>,
): LabelledRows {
  const result = reader.query({ ...window, measures, by: LEDGER_LABELS, grain: 'total', where: [], rowsMax: ROWS_MAX });
  const rows = new Map<string, LabelledRow>();
  for (const { key, values } of result.rows) {
    const labels = Object.fromEntries(LEDGER_LABELS.map((name, index) => [name, labelValue(showValue(name, key[index] ?? ''))]));
    addRow(rows, labels, values);
  }
  return { measures, rows, asOfMs: result.asOfMs };
}

/** Two stored values may look alike once shown; the same label set twice would make Prometheus refuse one of them. */
export function addRow(rows: Map<string, LabelledRow>, labels: LabelledRow['labels'], values: readonly bigint[]): void {
  const key = Object.values(labels).join('\u0000');
  const before = rows.get(key);
  rows.set(key, { labels, values: before === undefined ? values : values.map((value, index) => value + (before.values[index] ?? 0n)) });
}

/** Rows outside `kept` become one row "(other)". */
export function foldRows(input: LabelledRows, kept: ReadonlySet<string>): LabelledRows {
  const rows = new Map<string, LabelledRow>();
  const other = Object.fromEntries(LEDGER_LABELS.map((name) => [name, OTHER]));
  for (const [key, row] of input.rows) addRow(rows, kept.has(key) ? row.labels : other, row.values);
  return { ...input, rows };
}

/** The same amounts by fewer labels, under other names. */
export function regroup(input: LabelledRows, names: Readonly<Record<string, string>>): LabelledRows {
  const rows = new Map<string, LabelledRow>();
  for (const { labels, values } of input.rows.values()) {
    addRow(rows, Object.fromEntries(Object.entries(names).map(([name, from]) => [name, labels[from] ?? ''])), values);
  }
  return { ...input, rows };
}

/** Label sets from the largest first amount to the smallest; equal amounts in the order of their labels, so that the cut is the same on every scrape. */
export function byAmount(input: LabelledRows): string[] {
  const amount = (key: string): bigint => input.rows.get(key)?.values[0] ?? 0n;
  return [...input.rows.keys()].sort((a, b) => {
    const difference = amount(b) - amount(a);
    if (difference !== 0n) return difference > 0n ? 1 : -1;
    return a < b ? -1 : 1;
  });
}
