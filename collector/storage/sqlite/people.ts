/** When people were seen, on disk. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Minutes } from '../../ledger/people-seen.ts';

export class PeopleTable {
  readonly #widen: StatementSync;

  constructor(database: DatabaseSync) {
    this.#widen = database.prepare(
      `INSERT INTO people (dims, first_minute, last_minute) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET first_minute = MIN(first_minute, excluded.first_minute), last_minute = MAX(last_minute, excluded.last_minute)`,
    );
  }

  widen(people: ReadonlyMap<number, Minutes>): void {
    for (const [dims, { first, last }] of people) this.#widen.run(dims, first, last);
  }
}
