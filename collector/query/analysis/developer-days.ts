/** What a developer costs on a day: over the days on which a known user cost anything. Who cost nothing on a day is not averaged in. */
import type { CalendarOptions } from '../../core/calendar.ts';
import type { Row } from '../../ledger/ledger.ts';
import { daysOf, type Range } from '../compared-range.ts';
import { largestFirst, total } from '../totals.ts';

export interface UserDays {
  /** Of everybody, also of what has no user (''). */
  readonly byUser: ReadonlyMap<string, bigint>;
  /** Known users with spend. */
  readonly developers: number;
  /** Of each developer and day. */
  readonly costs: readonly bigint[];
  /** Who spent most, by the start of the day. */
  readonly largest: ReadonlyMap<number, { readonly user: string; readonly cost: bigint }>;
}

/**
 * `ask` has the cost by user in a time range. Day by day: the ledger adds up one day much faster than it tells many apart, and a year of
 * days of fifty thousand users is never in memory at once.
 */
export async function readUserDays(ask: (during: Range) => Promise<readonly Row[]>, range: Range, calendar: CalendarOptions): Promise<UserDays> {
  const byUser = new Map<string, bigint>();
  const costs: bigint[] = [];
  const developers = new Set<string>();
  const largest = new Map<number, { readonly user: string; readonly cost: bigint }>();
  for (const day of daysOf(range, calendar)) {
    const rows = await ask({ fromMs: Math.max(range.fromMs, day.fromMs), toMs: Math.min(range.toMs, day.toMs) });
    for (const {
      key: [user = ''],
      values: [cost = 0n],
    } of rows) {
      byUser.set(user, (byUser.get(user) ?? 0n) + cost);
      if (cost > (largest.get(day.fromMs)?.cost ?? 0n)) largest.set(day.fromMs, { user, cost });
      if (user === '' || cost <= 0n) continue;
      costs.push(cost);
      developers.add(user);
    }
  }
  return { byUser, developers: developers.size, costs, largest };
}

export interface DeveloperDay {
  /** Pico-dollars, cut. */
  readonly average: bigint;
  readonly p50: bigint;
  readonly p90: bigint;
}

/** Undefined without a day. */
export function developerDay(costs: readonly bigint[]): DeveloperDay | undefined {
  if (costs.length === 0) return undefined;
  const ascending = costs.toSorted((a, b) => largestFirst(b, a));
  return { average: total(costs) / BigInt(costs.length), p50: nearestRank(ascending, 50), p90: nearestRank(ascending, 90) };
}

/** The smallest value that at least so many percent of them do not exceed. */
function nearestRank(ascending: readonly bigint[], percent: number): bigint {
  return ascending[Math.max(0, Math.ceil((ascending.length * percent) / 100) - 1)] ?? 0n;
}
