/** The values of dimensions that the ledger keeps apart. Which these are is decided in collector/ledger/value-admission.ts, by each replica for itself. */
import { type DimensionName, isDimension } from '../../catalog/measures.ts';
import { framedKey } from '../../core/framed.ts';
import type { KeptValue, KeptValues } from '../../ledger/value-admission.ts';
import { type Sql, statement } from './connection.ts';
import { booleanArray, int, numberArray, textArray } from './sql-text.ts';

interface StoredValue extends KeptValue {
  readonly dimension: DimensionName;
  readonly value: string;
}

interface Change {
  readonly dimension: DimensionName;
  readonly value: string;
  /** Undefined for one that goes. */
  readonly kept: KeptValue | undefined;
}

const ALL = statement('SELECT dimension, value, seen_day, has_spend FROM dimension_values');
/** Changes with any row; reading all of them each minute would not pay. */
const FINGERPRINT = statement(
  'SELECT count(*) AS kept, coalesce(sum(seen_day), 0) AS days, count(*) FILTER (WHERE has_spend) AS spends FROM dimension_values',
);
const KEEP = statement(`INSERT INTO dimension_values AS v (dimension, value, seen_day, has_spend)
  SELECT * FROM unnest($1::text[], $2::text[], $3::int4[], $4::boolean[])
  ON CONFLICT (dimension, value) DO UPDATE SET seen_day = greatest(v.seen_day, excluded.seen_day), has_spend = v.has_spend OR excluded.has_spend`);
const REMOVE = statement(
  'DELETE FROM dimension_values v USING unnest($1::text[], $2::text[]) AS o (dimension, value) WHERE (v.dimension, v.value) = (o.dimension, o.value)',
);

export class DimensionValues implements KeptValues {
  #read: readonly StoredValue[] = [];
  #fingerprint = '';
  readonly #changes = new Map<string, Change>();

  /** As `read` found them. */
  all(): Iterable<StoredValue> {
    const read = this.#read;
    this.#read = [];
    return read;
  }

  keep(dimension: DimensionName, value: string, kept: KeptValue): void {
    this.#changes.set(framedKey([dimension, value]), { dimension, value, kept });
  }

  remove(dimension: DimensionName, value: string): void {
    this.#changes.set(framedKey([dimension, value]), { dimension, value, kept: undefined });
  }

  forget(): void {
    this.#changes.clear();
    this.#fingerprint = '';
  }

  get hasChanges(): boolean {
    return this.#changes.size > 0;
  }

  /** False where nothing has changed since it was read last. */
  async read(sql: Sql): Promise<boolean> {
    const [found] = await sql.rows(FINGERPRINT);
    const fingerprint = JSON.stringify(found);
    if (fingerprint === this.#fingerprint) return false;
    this.#fingerprint = fingerprint;
    this.#read = (await sql.rows(ALL)).flatMap(({ dimension, value, seen_day, has_spend }) => {
      const name = String(dimension);
      return isDimension(name) ? [{ dimension: name, value: String(value), seenDay: int(seen_day), hasSpend: has_spend === true }] : [];
    });
    return true;
  }

  /** Sorted, so that two who keep the same do not wait for each other in a circle. Answers what to call once it is committed. */
  async store(sql: Sql): Promise<() => void> {
    const written = [...this.#changes].sort(([a], [b]) => (a < b ? -1 : 1));
    const kept = written.flatMap(([, change]) => (change.kept === undefined ? [] : [{ ...change, ...change.kept }]));
    const gone = written.flatMap(([, change]) => (change.kept === undefined ? [change] : []));
    if (gone.length > 0) await sql.run(REMOVE, [textArray(gone.map(({ dimension }) => dimension)), textArray(gone.map(({ value }) => value))]);
    if (kept.length > 0) {
      await sql.run(KEEP, [
        ...[textArray(kept.map(({ dimension }) => dimension)), textArray(kept.map(({ value }) => value))],
        ...[numberArray(kept.map(({ seenDay }) => seenDay)), booleanArray(kept.map(({ hasSpend }) => hasSpend))],
      ]);
    }
    return () => {
      for (const [key, change] of written) if (this.#changes.get(key) === change) this.#changes.delete(key);
    };
  }
}
