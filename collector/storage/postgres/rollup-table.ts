/** Adds sums to the rows of a table of them. What no row has ever had stays NULL, which takes no room. */
import { MEASURE_NAMES } from '../../catalog/measures.ts';
import { BUCKET_COLUMNS } from '../../ledger/latency-buckets.ts';
import type { Buckets } from '../../ledger/quarter-sums.ts';
import type { Vector } from '../../ledger/sums.ts';
import { numberArray, quotedName } from './sql-text.ts';
import type { Part } from './together.ts';

/** Each set of columns is a text that is planned on its own; beyond so many all columns are written. */
const TEXTS_MAX = 50;
const ALL = MEASURE_NAMES.map((_, index) => index);
/** Written together: else each mixture of fast and slow requests would be a text of its own. */
const BUCKETS = ALL.filter((index) => BUCKET_COLUMNS.has(MEASURE_NAMES[index] ?? 'cost'));

export interface SumRow {
  /** Of the columns of the key that differ from row to row. */
  readonly key: readonly number[];
  readonly vector: Pick<Vector, 'values'>;
}

interface KeyColumn {
  readonly name: string;
  readonly type: string;
}

export class SumTable {
  readonly #table: string;
  readonly #shared: readonly KeyColumn[];
  readonly #own: readonly string[];
  readonly #texts = new Map<string, string>();

  /** `shared`: columns of the key that all rows of a statement have the same value of. */
  constructor(table: string, shared: readonly KeyColumn[], own: readonly string[]) {
    this.#table = table;
    this.#shared = shared;
    this.#own = own;
  }

  /** `values`: of the shared columns. */
  add(values: readonly number[], rows: readonly SumRow[]): Part[] {
    const written = rows.filter(({ vector }) => vector.values.some(Boolean)).sort((a, b) => inOrder(a.key, b.key));
    if (written.length === 0) return [];
    const { text, columns } = this.#write(columnsIn(written));
    const keys = this.#own.map((_, index) => numberArray(written.map(({ key }) => key[index])));
    const sums = columns.map((column) => numberArray(written.map(({ vector }) => vector.values[column] || undefined)));
    return [{ text, values: [...values, ...keys, ...sums] }];
  }

  #write(columns: readonly number[]): { readonly text: string; readonly columns: readonly number[] } {
    const known = this.#texts.get(columns.join());
    if (known !== undefined) return { text: known, columns };
    const written = this.#texts.size < TEXTS_MAX ? columns : ALL;
    return { text: this.#texts.getOrInsertComputed(written.join(), () => this.#textOf(written)), columns: written };
  }

  #textOf(columns: readonly number[]): string {
    const names = columns.map((column) => quotedName(MEASURE_NAMES[column] ?? ''));
    const key = [...this.#shared.map(({ name }) => name), ...this.#own];
    const shared = this.#shared.map(({ type }, index) => `$${index + 1}::${type}`);
    const arrays = [...this.#own.map(() => 'int8'), ...names.map(() => 'numeric')].map((type, index) => `$${shared.length + index + 1}::${type}[]`);
    const own = [...this.#own, ...names];
    return `INSERT INTO ${this.#table} AS r (${[...key, ...names].join()})
      SELECT ${[...shared, ...own.map((name) => `w.${name}`)].join()} FROM unnest(${arrays.join()}) AS w(${own.join()})
      ON CONFLICT (${key.join()}) DO UPDATE SET ${names.map((name) => `${name} = coalesce(r.${name} + excluded.${name}, r.${name}, excluded.${name})`).join()}`;
  }
}

/** As rows of a table with these keys: the number of the period as it is stored, then dimensions. */
export const rowsOf = (buckets: Buckets, keyOf: (bucket: number) => number): SumRow[] =>
  [...buckets].flatMap(([bucket, byDims]) => [...byDims].map(([dims, vector]) => ({ key: [keyOf(bucket), dims], vector })));

function columnsIn(rows: readonly SumRow[]): readonly number[] {
  const isBucket = new Set(BUCKETS);
  const used = new Set(ALL.filter((index) => rows.some(({ vector }) => vector.values[index])));
  const hasBuckets = BUCKETS.some((index) => used.has(index));
  return ALL.filter((index) => used.has(index) || (hasBuckets && isBucket.has(index)));
}

function inOrder(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    if (value !== other) return value - other;
  }
  return 0;
}
