/** Gives the entries of an export the numbers of their dimensions, as its store has them. */
import type { DimensionName } from '../catalog/measures.ts';
import type { AppendOutcome } from '../ledger/entry.ts';
import type { Bringer } from '../ledger/value-admission.ts';
import type { Job } from './batch-codec.ts';
import type { ErasedNames } from './erased-names.ts';

/** What became "(other)", by dimension. */
export type Grouped = AppendOutcome['grouped'];

interface NumberedDims {
  idOf(values: readonly string[], bringer: Bringer): number;
  noteSpend(values: readonly string[]): void;
  isWhole(id: number): boolean;
  value(id: number, name: 'model'): string;
}

export interface Naming {
  readonly dims: NumberedDims;
  readonly names: ErasedNames;
  /** Numbers that were given in another one count no more. */
  readonly generation: number;
}

/** Most were looked up for an entry before. */
export function nameDims({ entries, sender }: Job, { dims, names, generation }: Naming): void {
  for (const entry of entries) {
    const { ref } = entry;
    const spends = entry.cost > 0n;
    if (ref.generation !== generation) {
      ref.kept = names.values(ref.values);
      ref.id = dims.idOf(ref.kept, { sender, spends });
      ref.keys = names.isEmpty ? ref.sentKeys : ref.sentKeys?.map((key) => names.joinKey(key));
      ref.model = dims.value(ref.id, 'model');
      ref.generation = dims.isWhole(ref.id) ? generation : 0;
      ref.spends = spends;
    } else if (spends && !ref.spends) {
      dims.noteSpend(ref.kept);
      ref.spends = true;
    }
    entry.dims = ref.id;
    entry.keys = ref.keys;
    entry.sessionId = names.sessionId(entry.sessionId);
    entry.model = ref.model;
  }
}

/** How many values of each dimension are in the list. */
export function groupedOf(refused: readonly DimensionName[]): Grouped {
  if (refused.length === 0) return undefined;
  const counts: Partial<Record<DimensionName, number>> = {};
  for (const name of refused) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

export const withGrouped = (outcome: AppendOutcome, grouped: Grouped): AppendOutcome => (grouped === undefined ? outcome : { ...outcome, grouped });
