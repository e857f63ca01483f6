/**
 * Sums beyond 64 bits. A cell keeps its sum as one 64-bit integer, as nearly all do for ever; the first sum that no longer fits is
 * carried: the cell keeps what is below UNIT, and how many UNITs there are besides stands in the table `carries` (for a session, in
 * a column beside). Why: docs/adr/0001-money-is-an-integer.md.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { MEASURE_NAMES, type MeasureName } from '../../catalog/measures.ts';
import { plus, type Vector } from '../../ledger/sums.ts';
import type { Watermark } from '../../ledger/watermark.ts';

/** A million dollars in pico-dollars, or 10^18 of anything else. Two parts below it add up within 64 bits. */
export const UNIT = 10n ** 18n;

export interface WideParts {
  /** Between -UNIT and UNIT. */
  readonly low: bigint;
  readonly units: bigint;
}

export const partsOf = (value: bigint): WideParts => ({ low: value % UNIT, units: value / UNIT });

/** The column beside a session's cost that counts its UNITs. */
export const highOf = <Name extends string>(column: Name): `${Name}_high` => `${column}_high`;

/** A session's cost, of a row that was read with BigInts. */
export const wideOf = (row: Record<string, unknown>, column: string): bigint => (row[highOf(column)] as bigint) * UNIT + (row[column] as bigint);

export const CARRIES_TABLE = `CREATE TABLE carries (
  rollup TEXT NOT NULL, bucket INTEGER NOT NULL, dims INTEGER NOT NULL, measure TEXT NOT NULL, units INTEGER NOT NULL,
  PRIMARY KEY (rollup, bucket, dims, measure)
) WITHOUT ROWID, STRICT`;

interface Carry {
  readonly bucket: number;
  readonly dims: number;
  readonly measure: MeasureName;
  readonly amount: bigint;
}

/** Reads what was carried out of roll-ups' cells. */
export class CarryReader {
  readonly #any: StatementSync;
  readonly #between: StatementSync;

  constructor(database: DatabaseSync) {
    this.#any = database.prepare('SELECT 1 FROM carries LIMIT 1');
    this.#between = database.prepare(
      'SELECT bucket, dims, measure, units FROM carries WHERE rollup = ? AND (bucket, dims) >= (?, ?) AND (bucket, dims) < (?, ?)',
    );
    this.#between.setReadBigInts(true);
  }

  /** True in nearly every ledger, so that asking comes before looking. */
  get isEmpty(): boolean {
    return this.#any.get() === undefined;
  }

  between(rollup: string, from: Watermark, until: Watermark): Iterable<Carry> {
    return this.isEmpty ? [] : this.#between.all(rollup, from.bucket, from.dims, until.bucket, until.dims).map(carryOf);
  }
}

const carryOf = ({ bucket, dims, measure, units }: Record<string, unknown>): Carry => ({
  bucket: Number(bucket),
  dims: Number(dims),
  measure: String(measure) as MeasureName,
  amount: (units as bigint) * UNIT,
});

export function addCarry({ values }: Vector, { measure, amount }: Carry): void {
  const index = MEASURE_NAMES.indexOf(measure);
  values[index] = plus(values[index], amount);
}
