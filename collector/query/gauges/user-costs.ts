/** What known users cost, in whichever organization and team. */
import type { Row } from '../../ledger/ledger.ts';

export interface UserCost {
  /** Stored values. */
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly cost: bigint;
}

/** Of rows of the cost by organization, team and user. Cost without a known user is nobody's. */
export const knownUserCosts = (rows: readonly Row[]): UserCost[] =>
  rows.flatMap(({ key: [organization = '', team = '', user = ''], values: [cost = 0n] }) =>
    user === '' ? [] : [{ organization, team, user, cost }],
  );

/** Added up, since a user may cost something in several teams; who cost nothing in all is left out. */
export function costsByUser<Cost extends UserCost>(costs: readonly Cost[], keyOf: (cost: Cost) => string): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const own of costs) sums.set(keyOf(own), (sums.get(keyOf(own)) ?? 0n) + own.cost);
  return new Map([...sums].filter(([, sum]) => sum > 0n));
}
