/** The family feature: one dimension at a time, as the labels dimension and value. All of it comes from one question to the ledger. */
import { FEATURE_DIMENSIONS, FEATURE_LABELS, type SeriesFamily } from '../exposed-families.ts';
import { keptMs } from '../gauge.ts';
import type { LedgerReader } from '../ledger.ts';
import type { Block } from './block.ts';
import { lifetimeSeries } from './family-blocks.ts';
import { addRow, type LabelledRows, otherText, ROWS_MAX, shownValue } from './label-rows.ts';

/** How old the rows may be: of a large ledger, reading them costs more than all other families together. */
const MAX_AGE_MS = 60_000;

/** Keeps what it read for as long as reading it was costly. */
export class FeatureRows {
  readonly #reader: Pick<LedgerReader, 'query'>;
  readonly #family: SeriesFamily;
  readonly #timeZone: string;
  readonly #elapsedMs: () => number;
  #read: { readonly atMs: number; readonly keptMs: number; readonly rows: LabelledRows } | undefined;

  /** `elapsedMs`: a clock that tells how long reading took. */
  constructor(reader: Pick<LedgerReader, 'query'>, family: SeriesFamily, timeZone: string, elapsedMs: () => number) {
    this.#reader = reader;
    this.#elapsedMs = elapsedMs;
    this.#family = family;
    this.#timeZone = timeZone;
  }

  block(nowMs: number): Block {
    const { dimension, value } = FEATURE_LABELS;
    return {
      other: otherText([...this.#family.labels, dimension, value]),
      sources: [{ rows: this.#fresh(nowMs), series: lifetimeSeries('feature', this.#family) }],
    };
  }

  #fresh(nowMs: number): LabelledRows {
    const ageMs = this.#read === undefined ? Number.POSITIVE_INFINITY : nowMs - this.#read.atMs;
    if (this.#read !== undefined && ageMs >= 0 && ageMs < this.#read.keptMs) return this.#read.rows;
    const startedMs = this.#elapsedMs();
    const rows = this.#rows();
    this.#read = { atMs: nowMs, keptMs: keptMs({ maxAgeMs: MAX_AGE_MS }, this.#elapsedMs() - startedMs), rows };
    return rows;
  }

  #rows(): LabelledRows {
    const { labels, measures } = this.#family;
    const by = [...labels, ...FEATURE_DIMENSIONS];
    const result = this.#reader.query({ measures, by, grain: 'total', timeZone: this.#timeZone, where: [], rowsMax: ROWS_MAX });
    const rows = new Map<string, readonly bigint[]>();
    for (const { key, values } of result.rows) for (const text of featureTexts(labels, key)) addRow(rows, text, values);
    return rows;
  }
}

/** The label sets that a row with a value for each feature counts in. */
export function featureTexts(labels: SeriesFamily['labels'], key: readonly string[]): string[] {
  const before = labels.map((label, index) => `${label}="${shownValue(label, key[index] ?? '')}",`).join('');
  return FEATURE_DIMENSIONS.map((dimension, index) => {
    const value = shownValue(dimension, key[labels.length + index] ?? '');
    return `${before}${FEATURE_LABELS.dimension}="${dimension}",${FEATURE_LABELS.value}="${value}"`;
  });
}
