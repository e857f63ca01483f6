/** Dimension values as small integers: one row in `dims` for each combination ever seen. */
import { hash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { firstName } from '../../catalog/former-names.ts';
import { DIMENSION_NAMES, DIMENSIONS, type DimensionName } from '../../catalog/measures.ts';
import { OTHER } from '../../catalog/values.ts';
import { BoundedMap } from '../../core/bounded-map.ts';
import { framed } from '../../core/framed.ts';
import type { DimensionSets } from '../../ledger/dimension-sets.ts';

/** Where a dimension stands in a combination. */
const POSITION = Object.fromEntries(DIMENSION_NAMES.map((name, index) => [name, index])) as Record<DimensionName, number>;
/** Combinations remembered; beyond it they are looked up again. About 1 kB each. */
const CACHE_MAX = 50_000;

/** Keys in files of the past were made of these, so that the same combination keeps its row. */
const FIRST_NAMES = DIMENSION_NAMES.map(firstName);

/** What is set, by name: stays the same when the catalog gains or renames a dimension, and no value can pass for two. */
function keyOf(values: readonly string[]): string {
  let key = '';
  for (const [index, value] of values.entries()) if (value !== '') key += `${FIRST_NAMES[index]}=${framed(value)}`;
  return key;
}

export class DimsTable implements DimensionSets {
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #insertValue: StatementSync;
  readonly #values = new Map<DimensionName, Set<string>>();
  readonly #ids = new BoundedMap<string, number>(CACHE_MAX);
  readonly #rows = new BoundedMap<number, readonly string[]>(CACHE_MAX);
  readonly #projected = new Map<readonly DimensionName[], BoundedMap<number, number>>();
  readonly #onOverflow: (dimension: DimensionName) => void;
  readonly #selectRow: StatementSync;
  readonly #selectValues: StatementSync;

  constructor(database: DatabaseSync, onOverflow: (dimension: DimensionName) => void) {
    this.#onOverflow = onOverflow;
    const columns = DIMENSION_NAMES.join();
    this.#insert = database.prepare(
      `INSERT INTO dims (key, ${columns}) VALUES (?, ${DIMENSION_NAMES.map(() => '?').join()}) ON CONFLICT DO NOTHING RETURNING id`,
    );
    this.#select = database.prepare('SELECT id FROM dims WHERE key = ?');
    this.#selectRow = database.prepare(`SELECT ${columns} FROM dims WHERE id = ?`);
    this.#insertValue = database.prepare('INSERT INTO dimension_values (dimension, value) VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.#selectValues = database.prepare('SELECT dimension, value FROM dimension_values');
    this.#loadValues();
  }

  /** The id of a combination, given in catalog order; new values beyond a dimension's limit become "(other)". */
  idOf(values: readonly string[]): number {
    const key = keyOf(values);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const bounded = values.map((value, index) => this.#bounded(DIMENSION_NAMES[index], value));
    const id = this.#find(bounded);
    this.#rows.set(id, bounded);
    return this.#ids.set(key, id);
  }

  /** The same combination with only some dimensions left. Give the same list each time: answers are remembered by it. */
  project(id: number, dimensions: readonly DimensionName[]): number {
    if (dimensions === DIMENSION_NAMES) return id;
    const cache = this.#projected.getOrInsertComputed(dimensions, () => new BoundedMap<number, number>(CACHE_MAX));
    const known = cache.get(id);
    if (known !== undefined) return known;
    const row = this.valuesOf(id);
    return cache.set(id, this.idOf(DIMENSION_NAMES.map((name, index) => (dimensions.includes(name) ? (row[index] ?? '') : ''))));
  }

  valuesOf(id: number): readonly string[] {
    const known = this.#rows.get(id);
    if (known !== undefined) return known;
    const row = this.#selectRow.get(id);
    return DIMENSION_NAMES.map((name) => String(row?.[name] ?? ''));
  }

  value(id: number, name: DimensionName): string {
    return this.valuesOf(id)[POSITION[name]] ?? '';
  }

  /** After a rolled-back transaction, what it handed out no longer exists. */
  forget(): void {
    this.#ids.clear();
    this.#rows.clear();
    this.#projected.clear();
    this.#loadValues();
  }

  #loadValues(): void {
    for (const name of DIMENSION_NAMES) this.#values.set(name, new Set());
    for (const row of this.#selectValues.all()) this.#values.get(row.dimension as DimensionName)?.add(String(row.value));
  }

  #find(values: readonly string[]): number {
    const digest = hash('sha256', keyOf(values), 'base64url').slice(0, 22);
    const row = this.#insert.get(digest, ...values) ?? this.#select.get(digest);
    return Number(row?.id);
  }

  #bounded(name: DimensionName | undefined, value: string): string {
    if (name === undefined || value === '') return '';
    const seen = this.#values.get(name);
    if (seen === undefined || seen.has(value)) return value;
    if (seen.size >= DIMENSIONS[name].valuesMax) {
      this.#onOverflow(name);
      return OTHER;
    }
    seen.add(value);
    this.#insertValue.run(name, value);
    return value;
  }
}
