/** Rows of the ledger under the text of their labels, bounded in number. */
import type { LedgerReader, Query } from '../ledger.ts';
import type { MeasureName } from '../measures.ts';
import { showValue } from '../measures.ts';
import { LEDGER_LABELS } from '../names.ts';
import { clientValue } from './label-text.ts';
import { COMMUNITY_LABELS } from './series.ts';

/** Amounts by label text; the values are in the order of the measures that were asked for. */
export interface LabelledRows {
  readonly measures: readonly MeasureName[];
  readonly rows: ReadonlyMap<string, LabelledRow>;
}

export interface LabelledRow {
  readonly labels: LabelSet;
  readonly values: readonly bigint[];
}

/** One label set of the ledger, rendered once and used by all its series. */
export interface LabelSet {
  readonly ledger: string;
  /** In the words of the client's own metrics. */
  readonly community: string;
}

/** Label sets of one scrape by the stored values they were made from. */
export type LabelSets = Map<string, LabelSet>;

/** Rows one question to the ledger may return. Beyond it the scrape fails and says so. */
const ROWS_MAX = 1_000_000;

const POSITION = new Map<string, number>(LEDGER_LABELS.map((name, index) => [name, index]));
const COMMUNITY_POSITIONS = Object.entries(COMMUNITY_LABELS).map(([name, from]) => [name, POSITION.get(from) ?? 0] as const);

/** `values` are escaped, in the order of LEDGER_LABELS. */
function labelSet(values: readonly string[]): LabelSet {
  return {
    ledger: LEDGER_LABELS.map((name, index) => `${name}="${values[index]}"`).join(),
    community: COMMUNITY_POSITIONS.map(([name, index]) => `${name}="${values[index]}"`).join(),
  };
}

/** What the label sets beyond the limit are booked under, so that sums over /metrics stay exact. */
const OTHER = labelSet(LEDGER_LABELS.map(() => '(other)'));

/** Asks the ledger for totals by LEDGER_LABELS, over all time or within a period. */
export function readRows(
  reader: Pick<LedgerReader, 'query'>,
  measures: readonly MeasureName[],
  window: Pick<Query, 'timeZone' | 'fromMs' | 'toMs'>,
  sets: LabelSets,
): LabelledRows {
  const result = reader.query({ ...window, measures, by: LEDGER_LABELS, grain: 'total', where: [], rowsMax: ROWS_MAX });
  const rows = new Map<string, LabelledRow>();
  for (const { key, values } of result.rows) {
    const labels = sets.getOrInsertComputed(key.join('\u001f'), () =>
      labelSet(LEDGER_LABELS.map((name, index) => clientValue(showValue(name, key[index] ?? '')))),
    );
    addRow(rows, labels.ledger, { labels, values });
  }
  return { measures, rows };
}

/** Two stored values may look alike once shown; the same label set twice would make Prometheus refuse one of them. */
function addRow(rows: Map<string, LabelledRow>, text: string, row: LabelledRow): void {
  const before = rows.get(text);
  if (before === undefined) rows.set(text, row);
  else rows.set(text, { ...row, values: row.values.map((value, index) => value + (before.values[index] ?? 0n)) });
}

/** Rows outside `kept` become one row "(other)". */
export function foldRows(input: LabelledRows, kept: ReadonlySet<string>): LabelledRows {
  const rows = new Map<string, LabelledRow>();
  for (const [text, row] of input.rows) {
    const labels = kept.has(text) ? row.labels : OTHER;
    addRow(rows, labels.ledger, { ...row, labels });
  }
  return { ...input, rows };
}

/** The same amounts by the community's labels, which are fewer. */
export function byCommunityLabels(input: LabelledRows): LabelledRows {
  const rows = new Map<string, LabelledRow>();
  for (const row of input.rows.values()) addRow(rows, row.labels.community, row);
  return { ...input, rows };
}

/** Label sets from the largest first amount to the smallest; equal amounts in the order of their labels, so that the cut is the same on every scrape. */
export function byAmount(input: LabelledRows): string[] {
  const amount = (text: string): bigint => input.rows.get(text)?.values[0] ?? 0n;
  return [...input.rows.keys()].sort((a, b) => {
    const difference = amount(b) - amount(a);
    if (difference !== 0n) return difference > 0n ? 1 : -1;
    return a < b ? -1 : 1;
  });
}
