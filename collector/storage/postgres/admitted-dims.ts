/** What names the entries of exports: combinations of values that are kept apart, with "(other)" for all others. */
import { DIMENSION_NAMES, type DimensionName } from '../../catalog/measures.ts';
import { OTHER } from '../../catalog/values.ts';
import { BoundedMap } from '../../core/bounded-map.ts';
import { DAY_MS, MINUTE_MS } from '../../core/duration.ts';
import { type Bringer, VALUE_LIMITS, ValueAdmission, type ValueLimits } from '../../ledger/value-admission.ts';
import { digestOf } from '../dims-digest.ts';
import type { Sql } from './connection.ts';
import type { DimsTable } from './dimension-sets.ts';
import { DimensionValues } from './dimension-values.ts';
import { storable } from './sql-text.ts';

const CACHE_MAX = 50_000;
/** How long the values of other replicas are not seen: by so many a limit may be exceeded. */
const REFRESH_MS = MINUTE_MS;

export class AdmittedDims {
  readonly #dims: DimsTable;
  readonly #limits: ValueLimits;
  readonly #kept = new DimensionValues();
  #values: ValueAdmission;
  /** By digest, of combinations without "(other)". */
  readonly #ids = new BoundedMap<string, number>(CACHE_MAX);
  #refused: DimensionName[] = [];
  #day = 0;
  #refreshedMs = 0;

  constructor(dims: DimsTable, limits: Partial<ValueLimits>) {
    this.#dims = dims;
    this.#limits = { ...VALUE_LIMITS, ...limits };
    this.#values = this.#newValues();
  }

  /** Before each transaction. True when all numbers of combinations have to be asked for again: once a day, to see which values are in use. */
  async begin(sql: Sql, nowMs: number): Promise<boolean> {
    // What is not stored yet would be lost.
    if (Math.abs(nowMs - this.#refreshedMs) >= REFRESH_MS && !this.#kept.hasChanges) {
      if (await this.#kept.read(sql)) this.#values.refresh();
      this.#refreshedMs = nowMs;
    }
    this.#values.begin(nowMs);
    const day = Math.floor(nowMs / DAY_MS);
    if (day === this.#day) return false;
    this.#day = day;
    this.#ids.clear();
    return true;
  }

  /** The number of a combination, given in catalog order; new values beyond a limit become "(other)". */
  idOf(given: readonly string[], bringer: Bringer): number {
    const values = given.map(storable);
    const digest = digestOf(values);
    const known = this.#ids.get(digest);
    if (known !== undefined) return known;
    const bounded = values.map((value, index) => this.#bounded(DIMENSION_NAMES[index], value, bringer));
    const isWhole = bounded.every((value, index) => value === values[index]);
    const id = this.#dims.numberOf(bounded, isWhole ? digest : digestOf(bounded));
    this.#dims.expect(id);
    // Not what stands in for a value: there may be room for it the next time.
    return isWhole ? this.#ids.set(digest, id) : id;
  }

  /** A cost was reported with this combination. */
  noteSpend(values: readonly string[]): void {
    for (const [index, name] of DIMENSION_NAMES.entries()) this.#values.noteSpend(name, storable(values[index] ?? ''));
  }

  isWhole(id: number): boolean {
    return this.#dims.isWhole(id);
  }

  value(id: number, name: DimensionName): string {
    return this.#dims.value(id, name);
  }

  /** Dimensions of values that became "(other)", once for each value, since it was called last. */
  takeRefused(): readonly DimensionName[] {
    const refused = this.#refused;
    this.#refused = [];
    return refused;
  }

  get hasFresh(): boolean {
    return this.#dims.hasFresh || this.#kept.hasChanges;
  }

  /** Within a transaction. Answers what to call once it is committed. */
  async store(sql: Sql): Promise<() => void> {
    await this.#dims.store(sql);
    const keepValues = await this.#kept.store(sql);
    return () => {
      this.#dims.kept();
      keepValues();
    };
  }

  /** Numbers that are other combinations' after all. */
  renumber(): void {
    this.#ids.clear();
  }

  /** After rows were changed by others than this: an erasure. */
  reread(): void {
    this.#ids.clear();
    this.#dims.reread();
    this.#kept.forget();
    this.#values = this.#newValues();
    this.#refreshedMs = 0;
    // Values are begun anew with the next transaction.
    this.#day = 0;
  }

  #newValues(): ValueAdmission {
    return new ValueAdmission(this.#kept, this.#limits, (dimension) => this.#refused.push(dimension));
  }

  #bounded(name: DimensionName | undefined, value: string, bringer: Bringer): string {
    if (name === undefined || value === '') return '';
    return value === OTHER || this.#values.admit(name, value, bringer) ? value : OTHER;
  }
}
