/** Who sends and since when: one row for each organisation, team and user, written when a minute of it changes. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { DimensionName } from '../../catalog/measures.ts';
import { BoundedMap } from '../../core/bounded-map.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import type { DimsTable } from './dimension-sets.ts';

const PERSON: readonly DimensionName[] = ['organisation', 'team', 'user'];
/** People remembered; one that is forgotten is written again, which changes nothing. */
const CACHE_MAX = 50_000;

interface Seen {
  readonly person: number;
  first: number;
  last: number;
}

export class PeopleTable {
  readonly #dims: DimsTable;
  readonly #widen: StatementSync;
  /** What the table holds at least, by the id of the person's dimensions. */
  readonly #seen = new BoundedMap<number, Seen>(CACHE_MAX);
  /** What this transaction has to write, remembered or not. */
  readonly #changed = new Set<Seen>();

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
    const known = this.#seen.get(person);
    if (known !== undefined && known.first <= minute && minute <= known.last) return;
    const seen = known ?? this.#seen.set(person, { person, first: minute, last: minute });
    if (minute < seen.first) seen.first = minute;
    if (minute > seen.last) seen.last = minute;
    this.#changed.add(seen);
  }

  flush(): void {
    for (const { person, first, last } of this.#changed) this.#widen.run(person, first, last);
    this.#changed.clear();
  }

  /** After a rolled-back transaction, the table does not hold what was seen in it. */
  forget(): void {
    this.#seen.clear();
    this.#changed.clear();
  }
}
