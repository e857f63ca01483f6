/** Rows of an answer, added up by period and key. Beyond the limit there is an error, or the smallest become "(other)". */
import { OTHER } from '../catalog/values.ts';
import { LedgerlineError } from '../core/error.ts';
import { framedKey } from '../core/framed.ts';
import type { Query, Row } from './ledger.ts';
import { compareKeys } from './row-order.ts';

/**
 * However few are asked for, so many are kept apart until all parts are in: what is small in one may be the largest with the next.
 * Twice as many take some 40 MB.
 */
const APART_MIN = 50_000;

interface MergedRow extends Row {
  readonly values: bigint[];
  groups?: number;
}

export class MergedRows {
  readonly #rowsMax: number;
  readonly #isGrouped: boolean;
  readonly #rows = new Map<string, MergedRow>();
  /** Rows that are in "(other)": what still comes for one belongs there too, since a part of a figure is a wrong figure. */
  readonly #grouped = new Set<string>();

  constructor({ rowsMax, beyond = 'error' }: Pick<Query, 'rowsMax' | 'beyond'>) {
    this.#rowsMax = rowsMax;
    this.#isGrouped = beyond === 'other';
  }

  /** `values` are the row's own from then on. What belongs to another measure is no row. */
  add(startMs: number | undefined, key: readonly string[], values: bigint[]): void {
    if (isNothing(values)) return;
    const id = idOf({ startMs, key });
    const known = this.#rows.get(id);
    if (known !== undefined) {
      addTo(known.values, values);
      return;
    }
    if (this.#grouped.has(id)) {
      this.#otherOf({ startMs, key }, values, 0);
      return;
    }
    this.#rows.set(id, { startMs, key, values });
    const most = Math.max(this.#rowsMax, APART_MIN);
    // Twice as many, so that looking at all of them stays a small part of the work.
    if (this.#rows.size > 2 * most) this.#reduce(most);
  }

  rows(): Row[] {
    this.#reduce(this.#rowsMax);
    return [...this.#rows.values()];
  }

  /** What was counted and taken back is no row either, and counts for no limit. */
  #reduce(most: number): void {
    for (const [id, row] of this.#rows) if (isOne(row) && isNothing(row.values)) this.#rows.delete(id);
    if (this.#isGrouped) this.#group(most);
    else if (this.#rows.size > most) throw tooManyRows(this.#rowsMax);
  }

  /** Keeps so many of the largest by the first measure; of each period the others become one row more. */
  #group(most: number): void {
    const ones = [...this.#rows.values()].filter(isOne);
    if (ones.length <= most) return;
    const small = ones.sort(byLargest).slice(most);
    for (const row of small) {
      const id = idOf(row);
      this.#rows.delete(id);
      this.#grouped.add(id);
      this.#otherOf(row, row.values, 1);
    }
  }

  #otherOf({ startMs, key }: Pick<Row, 'startMs' | 'key'>, values: bigint[], groups: number): void {
    const other = { startMs, key: key.map(() => OTHER) };
    const known = this.#rows.get(idOf(other));
    if (known === undefined) this.#rows.set(idOf(other), { ...other, values, groups });
    else {
      addTo(known.values, values);
      known.groups = (known.groups ?? 1) + groups;
    }
  }
}

const idOf = ({ startMs, key }: Pick<Row, 'startMs' | 'key'>): string => `${startMs} ${framedKey(key)}`;

function addTo(sums: bigint[], values: readonly bigint[]): void {
  for (const [index, value] of values.entries()) sums[index] = (sums[index] ?? 0n) + value;
}

const isNothing = (values: readonly bigint[]): boolean => values.every((value) => value === 0n);
const isOne = ({ groups }: Row): boolean => groups === undefined;

/** Equal ones by period and key: stores differ in the order in which rows come. */
function byLargest(a: MergedRow, b: MergedRow): number {
  const [one, other] = [a.values[0] ?? 0n, b.values[0] ?? 0n];
  if (one !== other) return one > other ? -1 : 1;
  return (a.startMs ?? 0) - (b.startMs ?? 0) || compareKeys(a.key, b.key);
}

function tooManyRows(rowsMax: number): LedgerlineError {
  return new LedgerlineError('invalid', `The query has more than ${rowsMax} rows (limits.query_rows).`, {
    hint: 'Use fewer dimensions, a coarser grain, a shorter time range, or a filter (where).',
  });
}
