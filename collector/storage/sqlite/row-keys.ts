/** Which row of an export a combination of dimensions belongs to: rows by rank in the order of their keys, numbers of dimensions to ranks. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Filter } from '../../catalog/values.ts';
import { framedKey } from '../../core/framed.ts';
import type { RowsQuery } from '../../ledger/ledger.ts';
import { compareKeys } from '../../ledger/row-order.ts';

/** Combinations that one step reads. */
const STEP = 5_000;
const OUTSIDE = -1;

export class RowKeys {
  /** In their order. */
  readonly keys: readonly (readonly string[])[];
  readonly #rankOf: Int32Array;

  constructor(keys: readonly (readonly string[])[], rankOf: Int32Array) {
    this.keys = keys;
    this.#rankOf = rankOf;
  }

  /** Undefined of dimensions that the filters leave out. */
  rankOf(dims: number): number | undefined {
    const rank = this.#rankOf[dims] ?? OUTSIDE;
    return rank === OUTSIDE ? undefined : rank;
  }
}

/** All combinations that there are, in steps. As many as the ledger has names together, however many rows there are. */
export function* readKeys(database: DatabaseSync, { by, where, whereNot = [] }: RowsQuery): Generator<undefined, RowKeys> {
  const conditions = [...where.map((filter) => conditionOf(filter, 'IN')), ...whereNot.map((filter) => conditionOf(filter, 'NOT IN'))];
  const parameters: SQLInputValue[] = [...where, ...whereNot].flatMap(({ values }) => values);
  const columns = by.map((name) => `, d.${name}`).join('');
  const select = database.prepare(`SELECT d.id${columns} FROM dims d WHERE d.id > ? AND d.id <= ?${conditions.map((one) => ` AND ${one}`).join('')}`);
  select.setReturnArrays(true);
  const last = Number(database.prepare('SELECT MAX(id) AS id FROM dims').get()?.id ?? 0);
  const found = new FoundKeys(last);
  for (let from = 0; from < last; from += STEP) {
    // Declared as objects, rows are arrays since setReturnArrays.
    for (const row of select.iterate(from, from + STEP, ...parameters) as Iterable<unknown> as Iterable<readonly unknown[]>) found.add(row);
    yield;
  }
  return found.sorted();
}

const conditionOf = ({ dimension, values }: Filter, is: string): string => `d.${dimension} ${is} (${values.map(() => '?').join()})`;

class FoundKeys {
  readonly #keys: string[][] = [];
  readonly #numbers = new Map<string, number>();
  readonly #numberOf: Int32Array;
  /** The same name in many keys is kept once. */
  readonly #names = new Map<string, string>();

  constructor(last: number) {
    this.#numberOf = new Int32Array(last + 1).fill(OUTSIDE);
  }

  /** Takes [number, …names]. */
  add([id, ...names]: readonly unknown[]): void {
    const key = names.map((name) => this.#names.getOrInsert(String(name), String(name)));
    this.#numberOf[Number(id)] = this.#numbers.getOrInsertComputed(framedKey(key), () => this.#keys.push(key) - 1);
  }

  sorted(): RowKeys {
    const order = [...this.#keys.keys()].sort((a, b) => compareKeys(this.#keys[a] ?? [], this.#keys[b] ?? []));
    const ranks = new Int32Array(order.length);
    for (const [rank, number] of order.entries()) ranks[number] = rank;
    return new RowKeys(
      order.map((number) => this.#keys[number] ?? []),
      this.#numberOf.map((number) => (number === OUTSIDE ? OUTSIDE : (ranks[number] ?? OUTSIDE))),
    );
  }
}
