/** Who sends and since when: one row for each organisation, team and user, written when a minute of it changes. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { DimensionName } from '../../catalog/measures.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import type { DimsTable } from './dimension-sets.ts';

const PERSON: readonly DimensionName[] = ['organisation', 'team', 'user'];
/** People remembered; beyond it they are written again, which changes nothing. */
const CACHE_MAX = 50_000;

interface Seen {
  first: number;
  last: number;
}

export class PeopleTable {
  readonly #dims: DimsTable;
  readonly #widen: StatementSync;
  /** What the table holds at least, by the id of the person's dimensions. */
  readonly #seen = new Map<number, Seen>();
  readonly #changed = new Set<number>();

  constructor(database: DatabaseSync, dims: DimsTable) {
    this.#dims = dims;
    this.#widen = database.prepare(
      `INSERT INTO people (dims, first_minute, last_minute) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET first_minute = MIN(first_minute, excluded.first_minute), last_minute = MAX(last_minute, excluded.last_minute)`,
    );
  }

  see(timeMs: number, dims: number): void {
    const person = this.#dims.project(dims, PERSON);
    const minute = Math.floor(timeMs / MINUTE_MS);
    const seen = this.#seen.get(person);
    if (seen !== undefined && seen.first <= minute && minute <= seen.last) return;
    if (seen === undefined) this.#seen.set(person, { first: minute, last: minute });
    else if (minute < seen.first) seen.first = minute;
    else seen.last = minute;
    this.#changed.add(person);
  }

  flush(): void {
    for (const person of this.#changed) {
      const seen = this.#seen.get(person);
      if (seen !== undefined) this.#widen.run(person, seen.first, seen.last);
    }
    this.#changed.clear();
    if (this.#seen.size > CACHE_MAX) this.#seen.clear();
  }

  /** After a rolled-back transaction, the table does not hold what was seen in it. */
  forget(): void {
    this.#seen.clear();
    this.#changed.clear();
  }
}
