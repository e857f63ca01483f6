/** What a developer costs on a day: over the days on which a known user cost anything. Who cost nothing on a day is not averaged in. */
import type { Row } from '../../ledger/ledger.ts';
import { largestFirst, total } from '../totals.ts';

export interface DeveloperDays {
  readonly developers: number;
  readonly days: number;
  /** Undefined without a day. Pico-dollars, cut. */
  readonly average: bigint | undefined;
  readonly p50: bigint | undefined;
  readonly p90: bigint | undefined;
}

/** Rows by [user] and day, with the cost first. */
export function developerDays(rows: readonly Row[]): DeveloperDays {
  const paid = rows.filter(({ key: [user = ''], values: [cost = 0n] }) => user !== '' && cost > 0n);
  const costs = paid.map(({ values: [cost = 0n] }) => cost).sort((a, b) => largestFirst(b, a));
  return {
    developers: new Set(paid.map(({ key: [user] }) => user)).size,
    days: costs.length,
    average: costs.length === 0 ? undefined : total(costs) / BigInt(costs.length),
    p50: nearestRank(costs, 50),
    p90: nearestRank(costs, 90),
  };
}

/** The smallest value that at least so many percent of them do not exceed. */
function nearestRank(ascending: readonly bigint[], percent: number): bigint | undefined {
  return ascending[Math.max(0, Math.ceil((ascending.length * percent) / 100) - 1)];
}
