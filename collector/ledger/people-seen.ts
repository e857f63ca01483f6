/** Who sends and since when: one row for each organization, team and user, written when a minute of it changes. */
import { BoundedMap } from '../core/bounded-map.ts';
import { MINUTE_MS } from '../core/duration.ts';
import type { DimensionSets } from './dimension-sets.ts';
import { OWNER_DIMENSIONS } from './sessions.ts';

/** People remembered; one that is forgotten is written again, which changes nothing. */
const REMEMBERED_MAX = 50_000;

/** UTC minutes since the epoch. */
export interface Minutes {
  readonly first: number;
  readonly last: number;
}

export class PeopleSeen {
  readonly #dims: DimensionSets;
  /** What the table holds at least, by the number of the person's dimensions. */
  readonly #seen = new BoundedMap<number, Minutes>(REMEMBERED_MAX);

  constructor(dims: DimensionSets) {
    this.#dims = dims;
  }

  /** Notes in `changed` whose row no longer says when they were seen. */
  see(timeMs: number, dims: number, changed: Map<number, Minutes>): void {
    const person = this.#dims.project(dims, OWNER_DIMENSIONS);
    const minute = Math.floor(timeMs / MINUTE_MS);
    const seen = this.#seen.get(person) ?? changed.get(person);
    if (seen !== undefined && seen.first <= minute && minute <= seen.last) return;
    const { first, last } = seen ?? { first: minute, last: minute };
    const wider = { first: Math.min(first, minute), last: Math.max(last, minute) };
    this.#seen.set(person, wider);
    changed.set(person, wider);
  }

  /** After a transaction that failed, the table does not hold what was seen in it. */
  forget(): void {
    this.#seen.clear();
  }
}
