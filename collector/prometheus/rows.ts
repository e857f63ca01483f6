/** Rows of the ledger under the text of their labels, bounded in number. */

import { COMMUNITY_LABELS } from '../exposed-series.ts';
import { clientValue } from '../label-text.ts';
import type { LedgerReader, Query } from '../ledger.ts';
import type { MeasureName } from '../measures.ts';
import { showValue } from '../measures.ts';
import { LEDGER_LABELS } from '../names.ts';

/** Labels rendered once and used by all their series; the same text is the same object. */
export interface Labels {
  readonly text: string;
}

/** A label set of the ledger. */
export interface LedgerLabels extends Labels {
  /** In the words of the client's own metrics. */
  readonly community: Labels;
}

/** Amounts by label set; the values are in the order of the measures that were asked for. */
export interface LabelledRows<Key extends Labels = Labels> {
  readonly measures: readonly MeasureName[];
  readonly rows: ReadonlyMap<Key, readonly bigint[]>;
}

/** Rows one question to the ledger may return. Beyond it the scrape fails and says so. */
const ROWS_MAX = 1_000_000;

const POSITION = new Map<string, number>(LEDGER_LABELS.map((name, index) => [name, index]));
const COMMUNITY_POSITIONS = Object.entries(COMMUNITY_LABELS).map(([name, from]) => [name, POSITION.get(from) ?? 0] as const);

/** The label sets of one scrape. */
export class LabelSets {
  readonly #byStoredKey = new Map<string, LedgerLabels>();
  readonly #byText = new Map<string, LedgerLabels>();
  readonly #community = new Map<string, Labels>();

  /** Two stored keys may look alike once shown: they are one label set then, since Prometheus would refuse it twice. */
  of(key: readonly string[]): LedgerLabels {
    return this.#byStoredKey.getOrInsertComputed(key.join('\u001f'), () =>
      this.#shown(LEDGER_LABELS.map((name, index) => clientValue(showValue(name, key[index] ?? '')))),
    );
  }

  /** What the label sets beyond the limit are booked under, so that sums over /metrics stay exact. */
  other(): LedgerLabels {
    return this.#shown(LEDGER_LABELS.map(() => '(other)'));
  }

  /** `values` are escaped, in the order of LEDGER_LABELS. */
  #shown(values: readonly string[]): LedgerLabels {
    const text = LEDGER_LABELS.map((name, index) => `${name}="${values[index]}"`).join();
    return this.#byText.getOrInsertComputed(text, () => {
      const community = COMMUNITY_POSITIONS.map(([name, index]) => `${name}="${values[index]}"`).join();
      return { text, community: this.#community.getOrInsertComputed(community, () => ({ text: community })) };
    });
  }
}

/** Asks the ledger for totals by LEDGER_LABELS, over all time or within a period. */
export function readRows(
  reader: Pick<LedgerReader, 'query'>,
  measures: readonly MeasureName[],
  window: Pick<Query, 'timeZone' | 'fromMs' | 'toMs'>,
  sets: LabelSets,
): LabelledRows<LedgerLabels> {
  const result = reader.query({ ...window, measures, by: LEDGER_LABELS, grain: 'total', where: [], rowsMax: ROWS_MAX });
  const rows = new Map<LedgerLabels, readonly bigint[]>();
  for (const { key, values } of result.rows) addRow(rows, sets.of(key), values);
  return { measures, rows };
}

function addRow<Key>(rows: Map<Key, readonly bigint[]>, labels: Key, values: readonly bigint[]): void {
  const before = rows.get(labels);
  rows.set(labels, before === undefined ? values : values.map((value, index) => value + (before[index] ?? 0n)));
}

/** The same amounts by other labels, where rows that come to share them become one. */
export function regroup<From extends Labels, To extends Labels>(input: LabelledRows<From>, labelsOf: (labels: From) => To): LabelledRows<To> {
  const rows = new Map<To, readonly bigint[]>();
  for (const [labels, values] of input.rows) addRow(rows, labelsOf(labels), values);
  return { measures: input.measures, rows };
}

/** Label sets from the largest first amount to the smallest; equal amounts in the order of their labels, so that the cut is the same on every scrape. */
export function byAmount<Key extends Labels>({ rows }: LabelledRows<Key>): Key[] {
  const amount = (labels: Key): bigint => rows.get(labels)?.[0] ?? 0n;
  return [...rows.keys()].sort((a, b) => {
    const difference = amount(b) - amount(a);
    if (difference !== 0n) return difference > 0n ? 1 : -1;
    return a.text < b.text ? -1 : 1;
  });
}
