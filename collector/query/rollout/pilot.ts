/** What the users of a pilot cost, day by day, days without use included. */
import type { Filter } from '../../catalog/values.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { LedgerlineError } from '../../core/error.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import { daysOf, type Range } from '../compared-range.ts';
import { byName, largestFirst, total } from '../totals.ts';

const WEEK = 7;
export const USERS_MAX = 2_000;
const ROWS_MAX = 1_000_000;

export interface PilotUser {
  /** Pico-dollars, one for each day. */
  readonly days: readonly bigint[];
  /** On which most was spent that day; undefined for a day without use. */
  readonly models: readonly (string | undefined)[];
  readonly total: bigint;
}

export interface Pilot {
  /** Whole weeks, the last days of what was asked for; without a day where nothing was spent, or not for a week. */
  readonly days: readonly Range[];
  /** Since the first day with spend, before it was cut to weeks. */
  readonly daysSinceFirst: number;
  /**
   * Whoever spent anything on these days, and users who are said to belong to the pilot and did not. In the order of what they spent: neither names
   * nor the order of the ledger decide who is drawn.
   */
  readonly users: readonly PilotUser[];
  /** Spend on these days that has no user. */
  readonly unattributed: bigint;
}

export interface PilotRequest {
  readonly where: readonly Filter[];
  /** Ends with a day. */
  readonly range: Range;
  readonly calendar: CalendarOptions;
  /** Users of the pilot, also those who never sent anything. */
  readonly headcount: number | undefined;
}

type Day = ReadonlyMap<string, { readonly cost: bigint; readonly model: string }>;

/** Day by day, as the ledger adds up one day much faster than it tells many apart. */
export async function readPilot(ledger: Pick<LedgerSnapshot, 'query'>, { where, range, calendar, headcount = 0 }: PilotRequest): Promise<Pilot> {
  const days = daysOf(range, calendar);
  const spends: Day[] = [];
  for (const day of days) {
    const { rows } = await ledger.query({
      ...{ measures: ['cost'], by: ['user', 'model'], grain: 'total', timeZone: calendar.timeZone, where, rowsMax: ROWS_MAX },
      ...day,
    });
    spends.push(dayOf(rows.map(({ key: [user = '', model = ''], values: [cost = 0n] }) => ({ user, model, cost }))));
  }
  const first = spends.findIndex((day) => day.size > 0);
  const daysSinceFirst = first === -1 ? 0 : days.length - first;
  const kept = spends.slice(days.length - Math.floor(daysSinceFirst / WEEK) * WEEK);
  const names = new Set(kept.flatMap((day) => [...day.keys()]));
  names.delete('');
  if (names.size > USERS_MAX) {
    throw new LedgerlineError('invalid', `The pilot has ${names.size} users; a forecast takes at most ${USERS_MAX}.`, {
      hint: 'Name a smaller one, such as pilot=team:platform.',
      parameter: 'pilot',
    });
  }
  const users = [...names].map((name) => userOf(kept.map((day) => day.get(name))));
  const silent = Math.max(0, Math.min(headcount, USERS_MAX) - users.length);
  return {
    days: days.slice(days.length - kept.length),
    daysSinceFirst,
    users: [...users, ...Array.from({ length: silent }, () => userOf(kept.map(() => undefined)))].sort(inOrder),
    unattributed: total(kept.map((day) => day.get('')?.cost ?? 0n)),
  };
}

/** By user. A correction may take more from a day than it had: then nothing was spent. */
function dayOf(rows: readonly { readonly user: string; readonly model: string; readonly cost: bigint }[]): Day {
  const day = new Map<string, { cost: bigint; model: string }>();
  for (const [user, own] of Map.groupBy(rows, (row) => row.user)) {
    const cost = total(own.map((row) => row.cost));
    const [largest] = own.toSorted((a, b) => largestFirst(a.cost, b.cost) || byName(a.model, b.model));
    if (cost > 0n) day.set(user, { cost, model: largest?.model ?? '' });
  }
  return day;
}

function userOf(days: readonly ({ readonly cost: bigint; readonly model: string } | undefined)[]): PilotUser {
  const costs = days.map((day) => day?.cost ?? 0n);
  return { days: costs, models: days.map((day) => day?.model), total: total(costs) };
}

function inOrder(a: PilotUser, b: PilotUser): number {
  if (a.total !== b.total) return largestFirst(a.total, b.total);
  const different = a.days.findIndex((cost, day) => cost !== b.days[day]);
  if (different !== -1) return largestFirst(a.days[different] ?? 0n, b.days[different] ?? 0n);
  return byName(a.models.join('\0'), b.models.join('\0'));
}
