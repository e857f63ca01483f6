import type { DimensionName } from '../catalog/measures.ts';

/** Dimensions by number. Asked for each entry, so a store knows every combination that it has named, without a trip for it. */
export interface DimensionSets {
  value(dims: number, name: DimensionName): string;
  /** The same combination with only these dimensions left. Give the same list each time: answers are remembered by it. */
  project(dims: number, dimensions: readonly DimensionName[]): number;
}
