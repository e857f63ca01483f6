/** What sessions cost in each of the places they were in. Most have one throughout, of which nothing is kept. */
import { SOURCE_NAMES, type Source } from '../catalog/sources.ts';
import type { Posting } from './booking.ts';
import type { DimensionSets } from './dimension-sets.ts';
import { SESSION_DIMENSIONS } from './sessions.ts';
import type { SessionCost, SessionRow, Shares } from './tables.ts';

type Costs = Map<number, SessionCost>;

export const noCost = (): SessionCost => ({
  cost: 0n,
  costBySource: Object.fromEntries(SOURCE_NAMES.map((source) => [source, 0n])) as Record<Source, bigint>,
});

export function addCost(sum: SessionCost, { cost, costBySource }: Readonly<SessionCost>): void {
  sum.cost += cost;
  for (const source of SOURCE_NAMES) sum.costBySource[source] += costBySource[source];
}

export function addPosting(
  sum: SessionCost,
  { cost, source, sourceCost }: Pick<Posting<number>, 'cost' | 'source' | 'sourceCost'>,
  factor: 1n | -1n,
): void {
  sum.cost += factor * cost;
  sum.costBySource[source] += factor * sourceCost;
}

export class SessionShares {
  readonly #dims: DimensionSets;
  readonly #changed = new Map<number, Costs>();

  constructor(dims: DimensionSets) {
    this.#dims = dims;
  }

  get changed(): ReadonlyMap<number, Shares> {
    return this.#changed;
  }

  /**
   * Before new entries are booked. What a session cost so far is of its one place when they are the first of another: its ends are of that
   * place, too.
   */
  meet(row: SessionRow, fresh: readonly { readonly dims: number }[]): void {
    const first = this.#placeOf(row.first.dims);
    const places = new Set([first, this.#placeOf(row.last.dims)]);
    for (const { dims } of fresh) places.add(this.#placeOf(dims));
    if (places.size === 1) return;
    for (const place of places) this.#at(row, place);
    if (!row.isShared) addCost(this.#at(row, first), row);
    row.isShared = true;
  }

  /** What was booked, by the dimensions of the postings. */
  book(row: SessionRow, costs: Shares): void {
    for (const [dims, cost] of costs) addCost(this.#at(row, this.#placeOf(dims)), cost);
  }

  #at({ session }: SessionRow, place: number): SessionCost {
    return this.#changed.getOrInsertComputed(session, () => new Map<number, SessionCost>()).getOrInsertComputed(place, noCost);
  }

  #placeOf(dims: number): number {
    return this.#dims.project(dims, SESSION_DIMENSIONS);
  }
}
