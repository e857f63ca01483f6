/** What a pilot says about its users, before anything is forecast from it. */
import { shareOf, total } from '../totals.ts';
import type { PilotMatrix } from './bootstrap.ts';
import type { Pilot } from './pilot.ts';
import { nearestRank } from './quantile.ts';

const WEEK = 7;
/** What users spend is compared over so many days. */
export const MONTH_DAYS = 30n;

export interface Spread {
  readonly mean: bigint;
  readonly p50: bigint;
  readonly p90: bigint;
  readonly p99: bigint;
}

export interface Measured {
  readonly cost: bigint;
  /** Days of use: a user and a day with spend. */
  readonly activeUserDays: number;
  /** Of all days of all users, 0 to 1. */
  readonly activeShare: number;
  readonly perActiveDay: Spread;
  /** By user, days without use included. */
  readonly perUser: Spread;
  /** Of the spend: by the user with most of it, and by the tenth of the users with most of it. */
  readonly largestShare: number | null;
  readonly largestTenthShare: number | null;
  /** Monday first. */
  readonly weekdays: readonly { readonly share: number | null; readonly activeShare: number }[];
}

export const firstWeekday = ({ days: [first] }: Pilot, timeZone: string): number =>
  first === undefined ? 1 : Temporal.Instant.fromEpochMilliseconds(first.fromMs).toZonedDateTimeISO(timeZone).dayOfWeek;

/** Undefined where nothing was spent. */
export function measure(pilot: Pilot, timeZone: string): Measured | undefined {
  const { users, days } = pilot;
  const active = users.flatMap((user) => user.days.filter((cost) => cost > 0n));
  const cost = total(active);
  if (cost === 0n) return undefined;
  const first = firstWeekday(pilot, timeZone);
  const weekdays = Array.from({ length: WEEK }, (_, index) => {
    const own = users.flatMap((user) => user.days.filter((_cost, day) => (first - 1 + day) % WEEK === index));
    return { share: shareOf(total(own), cost), activeShare: own.filter((amount) => amount > 0n).length / own.length };
  });
  return {
    cost,
    activeUserDays: active.length,
    activeShare: active.length / (users.length * days.length),
    perActiveDay: spreadOf(active),
    perUser: spreadOf(users.map((user) => (user.total * MONTH_DAYS) / BigInt(days.length))),
    largestShare: shareOf(users[0]?.total ?? 0n, cost),
    largestTenthShare: shareOf(total(users.slice(0, Math.ceil(users.length / 10)).map((user) => user.total)), cost),
    weekdays,
  };
}

function spreadOf(amounts: readonly bigint[]): Spread {
  const ascending = amounts.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const at = (share: number): bigint => nearestRank(ascending, share) ?? 0n;
  return { mean: total(amounts) / BigInt(amounts.length), p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** The longest month, of all users at once. */
const LARGEST_SUM_DAYS = 31n;
const MICRO_USD = 1_000_000n;

export interface Scaled {
  readonly matrix: PilotMatrix;
  /** Pico-dollars of one unit of the matrix. */
  readonly unit: bigint;
}

/** Millionths of a dollar, or ten times as much and again, so that the sums of a month stay exact whole numbers. */
export function scaled(pilot: Pilot, rolloutUsers: number, timeZone: string): Scaled {
  const largest = pilot.users.flatMap(({ days }) => days).reduce((max, cost) => (cost > max ? cost : max), 0n);
  const sum = largest * BigInt(rolloutUsers) * LARGEST_SUM_DAYS;
  let unit = MICRO_USD;
  while (sum / unit >= BigInt(Number.MAX_SAFE_INTEGER)) unit *= 10n;
  const amounts = Float64Array.from(pilot.users.flatMap(({ days }) => days.map((cost) => Number((cost + unit / 2n) / unit))));
  return { unit, matrix: { users: pilot.users.length, weeks: pilot.days.length / WEEK, firstWeekday: firstWeekday(pilot, timeZone), amounts } };
}
