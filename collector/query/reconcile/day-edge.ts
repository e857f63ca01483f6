/** What client and provider count on different days: one day has as much beyond the record as the next one lacks, or the reverse. */
import { DAY_MS } from '../../core/duration.ts';
import type { Place } from './cell.ts';

/** How much may have moved over the midnight at which a day begins, in pico-dollars: what was booked shortly before and after. */
export type EdgeLimit = (day: string, model: string) => bigint;

export interface Edge {
  readonly place: Place;
  /** What the provider has beyond telemetry; negative the other way round. */
  readonly rest: bigint;
  /** Explains so much of it. */
  move(amount: bigint): void;
}

export const dayAfter = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);

/** Day by day, the oldest first, so that the outcome does not depend on the order of what is given. */
export function shiftAtEdges(edges: readonly Edge[], limitOf: EdgeLimit): void {
  const keyOf = ({ day, workspace, model, biller }: Place): string => JSON.stringify([day, workspace, model, biller]);
  const byPlace = new Map(edges.map((edge) => [keyOf(edge.place), { edge, rest: edge.rest }]));
  const left = new Map<string, bigint>();
  for (const [, one] of [...byPlace].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { place } = one.edge;
    const day = dayAfter(place.day);
    const next = byPlace.get(keyOf({ ...place, day }));
    if (next === undefined || one.rest === 0n || next.rest === 0n || one.rest > 0n === next.rest > 0n) continue;
    const midnight = JSON.stringify([day, place.model]);
    const most = left.get(midnight) ?? limitOf(day, place.model);
    const moved = smallest(magnitude(one.rest), magnitude(next.rest), most);
    left.set(midnight, most - moved);
    const signed = one.rest > 0n ? moved : -moved;
    one.edge.move(signed);
    next.edge.move(-signed);
    one.rest -= signed;
    next.rest += signed;
  }
}

const magnitude = (amount: bigint): bigint => (amount < 0n ? -amount : amount);
const smallest = (...amounts: readonly [bigint, ...bigint[]]): bigint => amounts.reduce((least, amount) => (amount < least ? amount : least));
