/** What is a closed month's of a time, added up: see closed-months.ts. */
import { MEASURE_NAMES, type MeasureName } from '../catalog/measures.ts';
import { LedgerlineError } from '../core/error.ts';
import { framedKey } from '../core/framed.ts';
import type { MovedQuery, MovedRow } from './closed-months.ts';
import { compareKeys } from './row-order.ts';
import { Vector } from './sums.ts';
import { readSums, type Totals, totalsOf } from './sums-text.ts';

interface Sum {
  readonly month: string;
  readonly key: readonly string[];
  readonly vector: Vector;
  lastMs: number;
}

/** A posting as it is kept: `sums` is sumsText. */
interface KeptPosting extends Pick<MovedRow, 'month' | 'key'> {
  readonly sums: string;
  readonly atMs: number;
}

export class MovedRows {
  readonly #sums = new Map<string, Sum>();
  readonly #only: ReadonlySet<MeasureName> | undefined;

  constructor({ measures }: Pick<MovedQuery, 'measures'>) {
    this.#only = measures && new Set(measures);
  }

  add({ month, key, sums, atMs }: KeptPosting): void {
    const sum = this.#sums.getOrInsertComputed(framedKey([month, ...key]), () => ({ month, key, vector: new Vector(), lastMs: 0 }));
    sum.vector.addVector(readSums(sums, this.#only));
    sum.lastMs = Math.max(sum.lastMs, atMs);
  }

  /** See LedgerSnapshot.moved. */
  rows(rowsMax: number): MovedRow[] {
    const rows = [...this.#sums.values()].filter(({ vector }) => !vector.isNothing);
    if (rows.length > rowsMax) throw new LedgerlineError('invalid', `More than ${rowsMax} rows were moved.`, { hint: 'Ask by fewer dimensions.' });
    return rows
      .sort((a, b) => (a.month < b.month ? -1 : a.month > b.month ? 1 : compareKeys(a.key, b.key)))
      .map(({ vector, ...row }) => ({ ...row, sums: answerOf(vector) }));
  }
}

function answerOf(vector: Vector): MovedRow['sums'] {
  const sums: Partial<Record<MeasureName, bigint>> = {};
  for (const name of MEASURE_NAMES) {
    const total = vector.total(name);
    if (total !== 0n) sums[name] = total;
  }
  return sums;
}

/** A closed month that does not come to what it was when it was closed, a sentence for each column. `wasText` is sumsText, `is` of the finest roll-up. */
export function* closedMonthDifferences(month: string, wasText: string, is: Totals, table: string): Iterable<string> {
  for (const [name, before] of totalsOf(readSums(wasText))) {
    const now = is.get(name) ?? 0n;
    if (before !== now) yield `closed month ${month}: ${name} was ${before} when it was closed, ${table} comes to ${now}.`;
  }
}
