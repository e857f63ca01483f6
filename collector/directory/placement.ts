/** Where a user or a thing belongs. What is left out is not said. */
export interface Placement {
  readonly team?: string | undefined;
  readonly workspace?: string | undefined;
  readonly cost_center?: string | undefined;
  readonly department?: string | undefined;
}

export const PLACEMENT_FIELDS = ['team', 'workspace', 'cost_center', 'department'] as const;
export type PlacementField = (typeof PLACEMENT_FIELDS)[number];

/** Without what is not said. */
export const statedOf = (placement: Placement): Placement =>
  Object.fromEntries(
    PLACEMENT_FIELDS.flatMap((field) => (placement[field] === undefined || placement[field] === '' ? [] : [[field, placement[field]]])),
  );
