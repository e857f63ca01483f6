/** What the panels of a board have in common. */
import type { VariableName } from '../../collector/catalog/board-variables.ts';
import { FAMILIES, type FamilyName, type SeriesFamily } from '../../collector/catalog/series-families.ts';

export type Families = Readonly<Record<FamilyName, SeriesFamily>>;
export const ALL_FAMILIES: Families = FAMILIES;

export interface Surroundings {
  /** What the board offers to narrow it by. */
  readonly variables: readonly VariableName[];
  /** Of which one value is chosen, see Board. */
  readonly single?: VariableName | undefined;
  /** What /metrics exposes. */
  readonly families: Families;
}
