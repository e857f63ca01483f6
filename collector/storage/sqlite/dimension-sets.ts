/** Dimension values as small integers: one row in `dims` for each combination ever seen. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DIMENSION_NAMES, type DimensionName } from '../../catalog/measures.ts';
import { OTHER } from '../../catalog/values.ts';
import { BoundedMap } from '../../core/bounded-map.ts';
import { DAY_MS } from '../../core/duration.ts';
import { framed } from '../../core/framed.ts';
import type { DimensionSets } from '../../ledger/dimension-sets.ts';
import { type Bringer, VALUE_LIMITS, ValueAdmission, type ValueLimits } from '../../ledger/value-admission.ts';
import { digestOf } from '../dims-digest.ts';
import { DimensionValues } from './dimension-values.ts';
import { DimsIndex } from './dims-index.ts';

/** Where a dimension stands in a combination. */
const POSITION = Object.fromEntries(DIMENSION_NAMES.map((name, index) => [name, index])) as Record<DimensionName, number>;
/** Combinations remembered; beyond it they are looked up again. About 1 kB each, and of what is left of one by projection 100 bytes. */
const CACHE_MAX = 50_000;
/** Projections remembered by their values, for each list of dimensions. About 200 bytes each. */
const PROJECTIONS_MAX = 20_000;

/** What is known of the projection to one list of dimensions. */
interface Projection {
  /** Where its dimensions stand in a combination. */
  readonly positions: readonly number[];
  readonly byId: BoundedMap<number, number>;
  /** Thousands of combinations come to a few of these: most new ones need no look at the tables. */
  readonly byValues: BoundedMap<string, number>;
}

const NO_VALUES: readonly string[] = DIMENSION_NAMES.map(() => '');
const NOBODY: Bringer = { sender: '', spends: false };

export class DimsTable implements DimensionSets {
  readonly #index: DimsIndex;
  readonly #newValues: () => ValueAdmission;
  #values: ValueAdmission;
  /** By digest: the names of thousands of people take less room so. */
  readonly #ids = new BoundedMap<string, number>(CACHE_MAX);
  readonly #rows = new BoundedMap<number, readonly string[]>(CACHE_MAX);
  readonly #projections = new Map<readonly DimensionName[], Projection>();
  readonly #selectRow: StatementSync;
  /** Takes out of memory what the running transaction learnt: its rows are gone when it fails. */
  #undo: (() => void)[] = [];
  #day = 0;

  constructor(database: DatabaseSync, onOverflow: (dimension: DimensionName) => void, limits: Partial<ValueLimits> = {}) {
    this.#newValues = () => new ValueAdmission(new DimensionValues(database), { ...VALUE_LIMITS, ...limits }, onOverflow);
    this.#values = this.#newValues();
    this.#index = new DimsIndex(database);
    this.#selectRow = database.prepare(`SELECT ${DIMENSION_NAMES.join()} FROM dims WHERE id = ?`);
  }

  /** Before each transaction. True when all numbers of combinations have to be asked for again: once a day, to see which values are in use. */
  begin(nowMs: number): boolean {
    this.#values.begin(nowMs);
    this.#undo = [];
    this.#index.begin();
    const day = Math.floor(nowMs / DAY_MS);
    if (day === this.#day) return false;
    this.#day = day;
    this.#ids.clear();
    return true;
  }

  /** The id of a combination, given in catalog order; new values beyond a limit become "(other)". */
  idOf(values: readonly string[], bringer: Bringer = NOBODY): number {
    const digest = digestOf(values);
    const known = this.#ids.get(digest);
    if (known !== undefined) return known;
    const bounded = values.map((value, index) => this.#bounded(DIMENSION_NAMES[index], value, bringer));
    const isWhole = bounded.every((value, index) => value === values[index]);
    const id = this.#index.numberOf(bounded, isWhole ? digest : digestOf(bounded));
    this.#learn(this.#rows, id, bounded);
    // Not what stands in for a value: there may be room for it the next time.
    return isWhole ? this.#learn(this.#ids, digest, id) : id;
  }

  /** A cost was reported with this combination. */
  noteSpend(values: readonly string[]): void {
    for (const [index, name] of DIMENSION_NAMES.entries()) this.#values.noteSpend(name, values[index] ?? '');
  }

  /** False where "(other)" stands in for a value. */
  isWhole(id: number): boolean {
    return !this.valuesOf(id).includes(OTHER);
  }

  /** The same combination with only some dimensions left. Give the same list each time: answers are remembered by it. */
  project(id: number, dimensions: readonly DimensionName[]): number {
    if (dimensions === DIMENSION_NAMES) return id;
    const projection = this.#projections.getOrInsertComputed(dimensions, () => projectionTo(dimensions));
    const known = projection.byId.get(id);
    if (known !== undefined) return known;
    return this.#learn(projection.byId, id, this.#projectRow(this.valuesOf(id), projection));
  }

  #projectRow(row: readonly string[], { positions, byValues }: Projection): number {
    let key = '';
    for (const position of positions) {
      const value = row[position];
      if (value) key += String.fromCharCode(position) + framed(value);
    }
    const known = byValues.get(key);
    if (known !== undefined) return known;
    // Its values are in the ledger: whether there is room for new ones does not matter.
    const left = NO_VALUES.slice();
    for (const position of positions) left[position] = row[position] ?? '';
    return this.#learn(byValues, key, this.#index.numberOf(left, digestOf(left)));
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

  /** After a rolled-back transaction, what it handed out no longer exists. What was there before is kept: learning it again takes long. */
  forget(): void {
    this.#values.undo();
    for (const takeBack of this.#undo) takeBack();
    this.#undo = [];
    this.#index.forget();
  }

  /** After rows were changed by others than this: an erasure. */
  reread(): void {
    this.#ids.clear();
    this.#rows.clear();
    this.#projections.clear();
    this.#index.reread();
    this.#values = this.#newValues();
    this.#undo = [];
    // Values are begun anew with the next transaction.
    this.#day = 0;
  }

  #learn<Key, Value extends {}>(map: BoundedMap<Key, Value>, key: Key, value: Value): Value {
    this.#undo.push(() => map.delete(key));
    return map.set(key, value);
  }

  #bounded(name: DimensionName | undefined, value: string, bringer: Bringer): string {
    if (name === undefined || value === '') return '';
    return value === OTHER || this.#values.admit(name, value, bringer) ? value : OTHER;
  }
}

const projectionTo = (dimensions: readonly DimensionName[]): Projection => ({
  positions: dimensions.map((name) => POSITION[name]),
  byId: new BoundedMap(CACHE_MAX),
  byValues: new BoundedMap(PROJECTIONS_MAX),
});
