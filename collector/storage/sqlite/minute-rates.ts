/** Rates by the minute on disk. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RatesByMinute } from '../../ledger/minute-rates.ts';

export class MinutesTable {
  readonly #add: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      `INSERT INTO minutes (minute, dims, requests, tokens) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, tokens = tokens + excluded.tokens`,
    );
    this.#remove = database.prepare('DELETE FROM minutes WHERE (minute, dims) IN (SELECT minute, dims FROM minutes WHERE minute < ? LIMIT ?)');
  }

  add(rates: RatesByMinute): void {
    for (const [minute, byDims] of rates) for (const [dims, { requests, tokens }] of byDims) this.#add.run(minute, dims, requests, tokens);
  }

  /** Answers how many went. */
  removeBefore(minute: number, ratesMax: number): number {
    return Number(this.#remove.run(minute, ratesMax).changes);
  }
}
