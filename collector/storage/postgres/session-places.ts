/** Sessions of several places: what they cost in each. One that has been in one place throughout is not in here. */
import { SOURCE_COSTS, SOURCE_NAMES } from '../../catalog/sources.ts';
import type { Shares } from '../../ledger/tables.ts';
import { bySlot } from './by-slot.ts';
import { numberArray } from './sql-text.ts';
import type { Part } from './together.ts';

const COSTS = ['cost', ...SOURCE_COSTS];
const ADD = `INSERT INTO session_places AS p (slot, session, dims, ${COSTS.join()})
  SELECT $1::int2, w.* FROM unnest($2::int8[], $3::int8[], ${COSTS.map((_, index) => `$${index + 4}::numeric[]`).join()}) AS w(session, dims, ${COSTS.join()})
  ON CONFLICT (slot, session, dims) DO UPDATE SET ${COSTS.map((name) => `${name} = p.${name} + excluded.${name}`).join()}`;

/** `shares`: to add, by session and by the number of the place's dimensions. The sessions are locked. */
export function addPlaces(shares: ReadonlyMap<number, Shares>, slots: number): Part[] {
  const rows = [...shares].flatMap(([session, byPlace]) => [...byPlace].map(([dims, cost]) => ({ session, dims, cost })));
  return bySlot(rows, slots, ({ session }) => session).map(({ slot, items }) => ({
    text: ADD,
    values: [
      slot,
      numberArray(items.map(({ session }) => session)),
      numberArray(items.map(({ dims }) => dims)),
      numberArray(items.map(({ cost }) => cost.cost)),
      ...SOURCE_NAMES.map((source) => numberArray(items.map(({ cost }) => cost.costBySource[source]))),
    ],
  }));
}
