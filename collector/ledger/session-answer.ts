/** What one session came to, or what of it is inside, of what a store finds of it. */
import { MEASURE_NAMES, type MeasureName } from '../catalog/measures.ts';
import { isInside, type PlaceNames } from './session-parts.ts';
import { SESSION_DIMENSIONS, type Session, type SessionSummary, type Within } from './sessions.ts';
import { Vector } from './sums.ts';

type Totals = Record<MeasureName, bigint>;

/** Says of a number of dimensions. Those of no place of the session, which old removed entries have, are of its last. */
export function dimsInside(
  places: readonly PlaceNames[],
  last: PlaceNames,
  within: Within,
  namesOf: (dims: number) => PlaceNames,
): (dims: number) => boolean {
  const known = new Map<number, boolean>();
  return (dims) =>
    known.getOrInsertComputed(dims, () => {
      const names = namesOf(dims);
      const isKnown = places.some((place) => SESSION_DIMENSIONS.every((name) => place[name] === names[name]));
      return isInside(isKnown ? names : last, within);
    });
}

/** By model: what was removed of it, and what its entries come to. */
export function addUp(...parts: readonly ReadonlyMap<string, Vector>[]): Map<string, Vector> {
  const sums = new Map<string, Vector>();
  for (const part of parts) for (const [model, vector] of part) sums.getOrInsertComputed(model, () => new Vector()).addVector(vector);
  return sums;
}

export interface SessionFacts extends Pick<Session, 'also' | 'heldBackEntries'> {
  /** Is it one of a client's own? The `claude agents` dashboard is none, and neither are adjustments alone. */
  readonly isCounted: boolean;
  /** '' of what has no model. */
  readonly byModel: ReadonlyMap<string, Vector>;
}

export function sessionOf(summary: SessionSummary, { also, heldBackEntries, isCounted, byModel }: SessionFacts): Session {
  const models = [...byModel].map(([model, vector]) => ({ model, totals: totalsOf(vector) }));
  const totals = emptyTotals();
  for (const model of models) for (const name of MEASURE_NAMES) totals[name] += model.totals[name];
  totals.sessions += isCounted ? 1n : 0n;
  return { ...summary, totals, models: models.filter(({ model }) => model !== ''), also, heldBackEntries };
}

const totalsOf = (vector: Vector): Totals => {
  const totals = emptyTotals();
  for (const name of MEASURE_NAMES) totals[name] = vector.total(name);
  return totals;
};

const emptyTotals = (): Totals => Object.fromEntries(MEASURE_NAMES.map((name) => [name, 0n])) as Totals;
