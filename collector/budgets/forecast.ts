/**
 * What will be spent until a period ends, from what was spent on the same weekdays of recent weeks. Every remaining week is
 * a past week drawn at random, recent ones more often; many such futures, added to what is spent, are the band. Weeks are drawn
 * whole, since a busy Monday is followed by a busy Tuesday. docs/budgets.md says how well that did.
 */
import type { Forecast } from './status.ts';

export interface ForecastInput {
  /** Spend of whole days, oldest first, the last is yesterday. */
  readonly days: readonly bigint[];
  /** Spend of the present day so far. */
  readonly today: bigint;
  /** Spend of the period so far, today included. */
  readonly spent: bigint;
  /** Amount whose breach is looked for; undefined: none. */
  readonly limit?: bigint | undefined;
  /** Starts of the days that are left of the period, the present one first, and at last the period's end. Epoch milliseconds. */
  readonly daysLeft: readonly number[];
  readonly nowMs: number;
}

export const HISTORY_DAYS = 56;
/** Below either there is no forecast. */
const DAYS_MIN = 14;
const ACTIVE_DAYS_MIN = 5;
const FUTURES = 400;
/** Weight of a week against that of the week after it. */
const FADING = 0.9;

/** Eight weeks never saw everything that can happen: without this, in the back-test 17 of 20 outcomes were below the p90, not 18. */
const RANGE_PERCENT = 125n;

const WEEK = 7;

export function forecastSpend({ days: all, today, spent, limit, daysLeft, nowMs }: ForecastInput): Forecast {
  const days = sinceFirst(all);
  const active = days.filter((day) => day > 0n).length;
  if (days.length < DAYS_MIN || active < ACTIVE_DAYS_MIN) return { kind: 'none', reason: tooLittle(days.length, active) };
  const weeks = pastWeeks(days, today, daysLeft.length - 1);
  const futures = draw(weeks).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const at = (share: number): bigint => spent + (futures[Math.floor((futures.length - 1) * share)] ?? 0n);
  const p50 = at(0.5);
  const p90 = p50 + ((at(0.9) - p50) * RANGE_PERCENT) / 100n;
  return { kind: 'band', p50, p90, breachMs: breachOf({ weeks, spent, p50, limit, daysLeft, nowMs }), historyDays: days.length };
}

const sinceFirst = (days: readonly bigint[]): readonly bigint[] => {
  const first = days.findIndex((day) => day > 0n);
  return first === -1 ? [] : days.slice(first);
};

function tooLittle(days: number, active: number): string {
  if (days === 0) return `No spend in the ${HISTORY_DAYS} days before today to forecast from.`;
  return `Too little history: ${days} ${days === 1 ? 'day' : 'days'} since the first spend, ${active} of them with spend; a forecast needs ${DAYS_MIN} and ${ACTIVE_DAYS_MIN}.`;
}

/** For each past week, the most recent first, what each remaining day would cost if it were that week's. */
type PastWeeks = readonly (readonly bigint[])[];

function pastWeeks(days: readonly bigint[], today: bigint, daysLeft: number): PastWeeks {
  return Array.from({ length: Math.floor(days.length / WEEK) }, (_, index) =>
    Array.from({ length: daysLeft }, (_, day) => {
      const amount = notNegative(days[days.length - WEEK * (index + 1) + (day % WEEK)] ?? 0n);
      if (day > 0) return amount;
      return notNegative(amount - notNegative(today));
    }),
  );
}

/** Corrections may take a day below zero. They are of the past: nothing is expected to be taken back. */
const notNegative = (amount: bigint): bigint => (amount < 0n ? 0n : amount);

/** Sums of made-up futures. The same numbers are drawn every time, so that a forecast moves only when the ledger does. */
function draw(weeks: PastWeeks): bigint[] {
  const length = weeks[0]?.length ?? 0;
  const blocks = Array.from({ length: Math.ceil(length / WEEK) }, (_, block) =>
    weeks.map((week) => week.slice(block * WEEK, (block + 1) * WEEK).reduce((sum, amount) => sum + amount, 0n)),
  );
  const random = numbers();
  return Array.from({ length: FUTURES }, () => blocks.reduce((sum, block) => sum + (block[pick(weeks.length, random())] ?? 0n), 0n));
}

/** Index of a week: 0, the most recent, is the likeliest. */
function pick(count: number, random: number): number {
  const total = (1 - FADING ** count) / (1 - FADING);
  return Math.min(count - 1, Math.floor(Math.log(1 - random * total * (1 - FADING)) / Math.log(FADING)));
}

/** Numbers in [0, 1) from a fixed seed: a linear congruential generator, which is enough to choose weeks by. */
function numbers(): () => number {
  let state = 20_261_120;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface BreachInput {
  readonly weeks: PastWeeks;
  readonly spent: bigint;
  readonly p50: bigint;
  readonly limit: bigint | undefined;
  readonly daysLeft: readonly number[];
  readonly nowMs: number;
}

/** Where the average course of the remaining days, stretched to end at the p50, meets the amount. */
function breachOf({ weeks, spent, p50, limit, daysLeft, nowMs }: BreachInput): number | undefined {
  if (limit === undefined || spent >= limit || p50 < limit) return undefined;
  const course = daysLeft.slice(0, -1).map((_, day) => weeks.reduce((sum, week) => sum + (week[day] ?? 0n), 0n));
  const whole = course.reduce((sum, amount) => sum + amount, 0n);
  if (whole === 0n) return undefined;
  let before = 0n;
  for (const [day, amount] of course.entries()) {
    const after = before + amount;
    if (spent * whole + after * (p50 - spent) >= limit * whole) {
      const startMs = Math.max(nowMs, daysLeft[day] ?? nowMs);
      const lengthMs = (daysLeft[day + 1] ?? startMs) - startMs;
      const needed = (limit - spent) * whole - before * (p50 - spent);
      return startMs + Math.round(lengthMs * (Number(needed) / Number(amount * (p50 - spent))));
    }
    before = after;
  }
  return undefined;
}
