/** What stands behind the ids in a provider's records. */

export const NAME_KINDS = ['workspace', 'user', 'keyOwner'] as const;
export type NameKind = (typeof NAME_KINDS)[number];

export interface KnownName {
  /** `keyOwner`: the user that an API key acts as. */
  readonly kind: NameKind;
  /** As lines have it. */
  readonly id: string;
  /** Of a user: as the ledger has it. */
  readonly name: string;
}
