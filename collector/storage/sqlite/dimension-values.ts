/** The values of dimensions that the ledger keeps apart, on disk. Which these are is decided in collector/ledger/value-admission.ts. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type DimensionName, isDimension } from '../../catalog/measures.ts';
import type { KeptValue, KeptValues } from '../../ledger/value-admission.ts';

export class DimensionValues implements KeptValues {
  readonly #all: StatementSync;
  readonly #keep: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync) {
    this.#all = database.prepare('SELECT dimension, value, seen_day, has_spend FROM dimension_values');
    this.#keep = database.prepare(
      `INSERT INTO dimension_values (dimension, value, seen_day, has_spend) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET seen_day = excluded.seen_day, has_spend = excluded.has_spend`,
    );
    this.#remove = database.prepare('DELETE FROM dimension_values WHERE dimension = ? AND value = ?');
  }

  *all(): Iterable<KeptValue & { readonly dimension: DimensionName; readonly value: string }> {
    for (const { dimension, value, seen_day, has_spend } of this.#all.iterate()) {
      const name = String(dimension);
      if (isDimension(name)) yield { dimension: name, value: String(value), seenDay: Number(seen_day), hasSpend: has_spend === 1 };
    }
  }

  keep(dimension: DimensionName, value: string, { seenDay, hasSpend }: KeptValue): void {
    this.#keep.run(dimension, value, seenDay, hasSpend ? 1 : 0);
  }

  remove(dimension: DimensionName, value: string): void {
    this.#remove.run(dimension, value);
  }
}
