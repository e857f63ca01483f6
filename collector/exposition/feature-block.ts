/** The family feature: one dimension at a time, as the labels dimension and value. All of it comes from one question to the ledger. */

import type { DimensionName } from '../catalog/measures.ts';
import { FEATURE_DIMENSIONS, FEATURE_LABELS, featureMeasures, type SeriesFamily } from '../catalog/series-families.ts';
import { MINUTE_MS } from '../core/duration.ts';
import type { LedgerSnapshot, Row } from '../ledger/ledger.ts';
import { keptMs } from '../query/gauges/gauge.ts';
import type { Block, Source } from './block.ts';
import { lifetimeSeries } from './family-blocks.ts';
import { addRow, type LabeledRows, otherText, ROWS_MAX, shownValue } from './label-rows.ts';

/** How old the rows may be: of a large ledger, reading them costs more than all other families together. */
const MAX_AGE_MS = MINUTE_MS;

/** Keeps what it read for as long as reading it was costly. */
export class FeatureRows {
  readonly #family: SeriesFamily;
  readonly #timeZone: string;
  readonly #elapsedMs: () => number;
  #read: { readonly atMs: number; readonly keptMs: number; readonly sources: readonly Source[] } | undefined;

  /** `elapsedMs`: a clock that tells how long reading took. */
  constructor(family: SeriesFamily, timeZone: string, elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
    this.#family = family;
    this.#timeZone = timeZone;
  }

  async block(ledger: Pick<LedgerSnapshot, 'query'>, nowMs: number): Promise<Block> {
    const { dimension, value } = FEATURE_LABELS;
    return {
      other: otherText([...this.#family.labels, dimension, value]),
      sources: await this.#fresh(ledger, nowMs),
    };
  }

  async #fresh(ledger: Pick<LedgerSnapshot, 'query'>, nowMs: number): Promise<readonly Source[]> {
    const ageMs = this.#read === undefined ? Number.POSITIVE_INFINITY : nowMs - this.#read.atMs;
    if (this.#read !== undefined && ageMs >= 0 && ageMs < this.#read.keptMs) return this.#read.sources;
    const startedMs = this.#elapsedMs();
    const sources = await this.#sources(ledger);
    this.#read = { atMs: nowMs, keptMs: keptMs({ maxAgeMs: MAX_AGE_MS }, this.#elapsedMs() - startedMs), sources };
    return sources;
  }

  /** One for each dimension, with the series that it shows. */
  async #sources(ledger: Pick<LedgerSnapshot, 'query'>): Promise<Source[]> {
    const { labels, measures } = this.#family;
    const by = [...labels, ...FEATURE_DIMENSIONS];
    const result = await ledger.query({ measures, by, grain: 'total', timeZone: this.#timeZone, where: [], rowsMax: ROWS_MAX, beyond: 'other' });
    const all = lifetimeSeries('feature', this.#family);
    return FEATURE_DIMENSIONS.map((dimension, index) => {
      const shown = featureMeasures(dimension).map((measure) => measures.indexOf(measure));
      return { rows: rowsOf(result.rows, dimension, labels, labels.length + index), series: all.filter((series) => shown.includes(series.index)) };
    });
  }
}

function rowsOf(rows: readonly Row[], dimension: DimensionName, labels: readonly DimensionName[], position: number): LabeledRows {
  const texts = new Map<string, readonly bigint[]>();
  for (const { key, values } of rows) {
    const before = labels.map((label, index) => `${label}="${shownValue(label, key[index] ?? '')}",`).join('');
    const value = shownValue(dimension, key[position] ?? '');
    addRow(texts, `${before}${FEATURE_LABELS.dimension}="${dimension}",${FEATURE_LABELS.value}="${value}"`, values);
  }
  return texts;
}
