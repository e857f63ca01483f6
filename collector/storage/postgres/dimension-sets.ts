/**
 * Combinations of dimensions by number. The number is made of the combination (natural-keys.ts), so it is known without asking; the row follows before
 * anything that names it is committed. What was read of the tables has to be made known by `load` before it is handed to the engine.
 */
import { DIMENSION_NAMES, type DimensionName } from '../../catalog/measures.ts';
import { OTHER } from '../../catalog/values.ts';
import { BoundedMap } from '../../core/bounded-map.ts';
import type { DimensionSets } from '../../ledger/dimension-sets.ts';
import { RATE_DIMENSIONS } from '../../ledger/minute-rates.ts';
import { OWNER_DIMENSIONS, SESSION_DIMENSIONS } from '../../ledger/sessions.ts';
import { digestOf } from '../dims-digest.ts';
import { type Sql, statement } from './connection.ts';
import { Lesson } from './lesson.ts';
import { naturalKey } from './natural-keys.ts';
import { numberArray, quotedName, textArray } from './sql-text.ts';

/** Where a dimension stands in a combination. */
const POSITION = Object.fromEntries(DIMENSION_NAMES.map((name, index) => [name, index])) as Record<DimensionName, number>;
/** Combinations remembered; beyond it they are read again. About 1 kB each, and of what is left of one by projection 100 bytes. */
const CACHE_MAX = 50_000;
/** Numbers only. */
const STORED_MAX = 500_000;
/** What the engine asks of nearly every combination: their rows then go with the combination's own. */
const PROJECTIONS: readonly (readonly DimensionName[])[] = [OWNER_DIMENSIONS, RATE_DIMENSIONS, SESSION_DIMENSIONS];

const COLUMNS = DIMENSION_NAMES.map(quotedName).join();
const INSERT = statement(`INSERT INTO dims (id, digest, ${COLUMNS})
  SELECT * FROM unnest($1::int8[], $2::text[], ${DIMENSION_NAMES.map((_, index) => `$${index + 3}::text[]`).join()})
  ON CONFLICT DO NOTHING RETURNING id`);
const DIGESTS = statement('SELECT id, digest FROM dims WHERE id = ANY($1::int8[])');
const ROWS = statement(`SELECT id, ${COLUMNS} FROM dims WHERE id = ANY($1::int8[])`);

interface Combination {
  readonly digest: string;
  /** In catalog order. */
  readonly values: readonly string[];
}

/** A combination was asked for that is not in memory: it is read before the transaction runs again. */
export class UnknownDims extends Lesson {
  override readonly name = 'UnknownDims';
}

/** Two combinations have the same number: the later one gets another, with which the transaction runs again. */
export class TakenNumber extends Lesson {
  override readonly name = 'TakenNumber';
}

export class DimsTable implements DimensionSets {
  /** By digest: the names of thousands of people take less room so. */
  readonly #rows: BoundedMap<number, readonly string[]>;
  /** What a transaction has asked for outlives its turn in `#rows`. */
  #pinned = new Map<number, readonly string[]>();
  readonly #projected = new Map<readonly DimensionName[], BoundedMap<number, number>>();
  readonly #stored = new BoundedMap<number, true>(STORED_MAX);
  /** Rows that may be missing, with their digests. */
  readonly #fresh = new Map<number, Combination>();
  /** Those of them that a transaction has written which is not committed. */
  readonly #storing = new Map<number, Combination>();
  readonly #wanted = new Set<number>();
  readonly #attempts = new Map<string, number>();

  constructor(rememberedMax = CACHE_MAX) {
    this.#rows = new BoundedMap(rememberedMax);
  }

  /** The number of a combination, given in catalog order. */
  numberOf(values: readonly string[], digest = digestOf(values)): number {
    for (;;) {
      const id = naturalKey(digest, this.#attempts.get(digest));
      const known = this.#known(id);
      if (known?.some((value, index) => value !== values[index])) {
        this.#takeNext(digest);
        continue;
      }
      if (known === undefined) this.#learn(id, values);
      if (known === undefined || this.#stored.get(id) === undefined) this.#fresh.set(id, { digest, values });
      return id;
    }
  }

  /** Makes rows of what is left of it in most transactions. */
  expect(id: number): void {
    for (const dimensions of PROJECTIONS) this.project(id, dimensions);
  }

  /** False where "(other)" stands in for a value. */
  isWhole(id: number): boolean {
    return !this.valuesOf(id).includes(OTHER);
  }

  project(id: number, dimensions: readonly DimensionName[]): number {
    if (dimensions === DIMENSION_NAMES) return id;
    const cache = this.#projected.getOrInsertComputed(dimensions, () => new BoundedMap<number, number>(CACHE_MAX));
    const known = cache.get(id);
    if (known !== undefined) return known;
    const row = this.valuesOf(id);
    return cache.set(id, this.numberOf(DIMENSION_NAMES.map((name) => (dimensions.includes(name) ? (row[POSITION[name]] ?? '') : ''))));
  }

  /** Throws UnknownDims. */
  valuesOf(id: number): readonly string[] {
    const known = this.#known(id);
    if (known !== undefined) return known;
    this.#wanted.add(id);
    throw new UnknownDims(`The combination of dimensions ${id} is not in memory.`);
  }

  value(id: number, name: DimensionName): string {
    return this.valuesOf(id)[POSITION[name]] ?? '';
  }

  /** Before each transaction, also before it runs again: reads what was missing. */
  async begin(sql: Sql): Promise<void> {
    this.#pinned = new Map();
    if (this.#wanted.size > 0) await this.load(sql, this.#wanted);
    this.#wanted.clear();
  }

  /** Makes these known until the transaction ends. */
  async load(sql: Sql, ids: Iterable<number>): Promise<void> {
    const missing: number[] = [];
    for (const id of new Set(ids)) {
      const known = this.#known(id);
      if (known === undefined) missing.push(id);
      else this.#pinned.set(id, known);
    }
    if (missing.length === 0) return;
    for (const [id, ...values] of await sql.arrays(ROWS, [numberArray(missing)])) {
      this.#learn(Number(id), values.map(String));
      this.#stored.set(Number(id), true);
    }
  }

  get hasFresh(): boolean {
    return this.#fresh.size > 0;
  }

  /** Within a transaction, which `kept` or `forget` follows. Rejects with TakenNumber. */
  async store(sql: Sql): Promise<void> {
    // Sorted, so that two who bring the same do not wait for each other in a circle.
    const fresh = [...this.#fresh].sort(([a], [b]) => a - b);
    if (fresh.length === 0) return;
    const columns = DIMENSION_NAMES.map((_, index) => textArray(fresh.map(([, { values }]) => values[index] ?? '')));
    const made = await sql.arrays(INSERT, [numberArray(fresh.map(([id]) => id)), textArray(fresh.map(([, { digest }]) => digest)), ...columns]);
    const isMade = new Set(made.map(([id]) => Number(id)));
    await this.#compare(
      sql,
      fresh.filter(([id]) => !isMade.has(id)),
    );
    for (const [id, combination] of fresh) this.#storing.set(id, combination);
    this.#fresh.clear();
  }

  /** After a commit. */
  kept(): void {
    for (const id of this.#storing.keys()) this.#stored.set(id, true);
    this.#storing.clear();
  }

  /** After a transaction that failed: its rows are missing again. */
  forget(): void {
    for (const [id, combination] of this.#storing) this.#fresh.set(id, combination);
    this.#storing.clear();
  }

  /** After rows were changed by others than this: an erasure. */
  reread(): void {
    this.#rows.clear();
    this.#pinned.clear();
    this.#projected.clear();
    this.#stored.clear();
    this.#fresh.clear();
    this.#storing.clear();
    this.#wanted.clear();
  }

  /** Are rows that were there before those of the same combinations? */
  async #compare(sql: Sql, there: readonly (readonly [id: number, combination: Combination])[]): Promise<void> {
    if (there.length === 0) return;
    const digests = new Map((await sql.arrays(DIGESTS, [numberArray(there.map(([id]) => id))])).map(([id, digest]) => [Number(id), digest]));
    const taken = there.filter(([id, { digest }]) => digests.get(id) !== digest);
    for (const [id, { digest }] of taken) {
      this.#takeNext(digest);
      this.#rows.delete(id);
      this.#pinned.delete(id);
      this.#fresh.delete(id);
    }
    if (taken.length === 0) return;
    this.#projected.clear();
    throw new TakenNumber(`The number of a combination of dimensions is another one's.`);
  }

  /** Rows that are not written yet are remembered whatever happens. */
  #known(id: number): readonly string[] | undefined {
    return this.#pinned.get(id) ?? this.#rows.get(id) ?? (this.#fresh.get(id) ?? this.#storing.get(id))?.values;
  }

  #takeNext(digest: string): void {
    this.#attempts.set(digest, (this.#attempts.get(digest) ?? 0) + 1);
  }

  #learn(id: number, values: readonly string[]): void {
    this.#pinned.set(id, values);
    this.#rows.set(id, values);
  }
}
