/** What known users cost, in whichever organization and team. */
import type { TimeRange } from '../../core/time-range.ts';
import type { GaugeContext } from './gauge.ts';

export interface UserCost {
  /** Stored values. */
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly cost: bigint;
}

/** As many values as the ledger keeps apart of users in organizations. */
const ROWS_MAX = 10_000_000;

/** Within what the reader chose. Cost without a known user is nobody's. */
export async function readUserCosts(
  { reader, calendar, where }: Pick<GaugeContext, 'reader' | 'calendar' | 'where'>,
  timeRange: TimeRange,
): Promise<UserCost[]> {
  const { rows } = await reader.query({
    measures: ['cost'],
    by: ['organization', 'team', 'user'],
    ...timeRange,
    grain: 'total',
    timeZone: calendar.timeZone,
    where,
    rowsMax: ROWS_MAX,
  });
  return rows.flatMap(({ key: [organization = '', team = '', user = ''], values: [cost = 0n] }) =>
    user === '' ? [] : [{ organization, team, user, cost }],
  );
}

/** Added up, since a user may cost something in several teams; who cost nothing in all is left out. */
export function costsByUser<Cost extends UserCost>(costs: readonly Cost[], keyOf: (cost: Cost) => string): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const own of costs) sums.set(keyOf(own), (sums.get(keyOf(own)) ?? 0n) + own.cost);
  return new Map([...sums].filter(([, sum]) => sum > 0n));
}
