/**
 * Many made-up futures of a roll-out, drawn from a pilot. Each draws twice. First as many users and as many weeks as the pilot had, with repetition:
 * a pilot is one of many that there could have been, and what it cannot know about other users and other weeks is most of the band. Then every user
 * of the roll-out from those users, and every week to come from those weeks, for all users at once: a busy week is busy for everybody.
 */
import { type Below, stream } from './random.ts';
import type { Schedule } from './schedule.ts';

export const FUTURES = 1_000;
const WEEK = 7;

export interface PilotMatrix {
  readonly users: number;
  /** Whole weeks. */
  readonly weeks: number;
  /** Weekday of the first day, Monday 1 to Sunday 7. */
  readonly firstWeekday: number;
  /** Amounts by user and, within, by day: whole numbers small enough that the sums of a month are exact. */
  readonly amounts: Float64Array;
}

/** What a future is multiplied with, from the users that its pilot was made of. */
export type Reweigh = (users: Int32Array) => number;

/** Of each month, and of all of them together, one amount for each future, ascending. */
export interface Futures {
  readonly months: readonly Float64Array[];
  readonly total: Float64Array;
}

/** Pauses after each future. */
export function* drawFutures(pilot: PilotMatrix, { months, weeks }: Schedule, reweigh: Reweigh = () => 1): Generator<void, Futures> {
  const sums = months.map(() => new Float64Array(FUTURES));
  const total = new Float64Array(FUTURES);
  for (let future = 0; future < FUTURES; future++) {
    const users = drawn(pilot.users, pilot.users, stream(future, 0));
    const pastWeeks = drawn(pilot.weeks, pilot.weeks, stream(future, 1));
    const weekOf = drawn(weeks.length, pilot.weeks, stream(future, 2)).map((week) => pastWeeks[week] ?? 0);
    const course = courseOf(pilot, { weeks, weekOf, users, below: stream(future, 3) }, months.length);
    const factor = reweigh(users);
    for (const [month, sum] of sums.entries()) {
      const amount = Math.round((course[month] ?? 0) * factor);
      sum[future] = amount;
      total[future] = (total[future] ?? 0) + amount;
    }
    yield;
  }
  return { months: sums.map((sum) => sum.sort()), total: total.sort() };
}

const drawn = (count: number, bound: number, below: Below): Int32Array => Int32Array.from({ length: count }, () => below(bound));

interface Future {
  readonly weeks: Schedule['weeks'];
  /** For each of them the week of the pilot that it repeats. */
  readonly weekOf: Int32Array;
  /** Users of the pilot to draw from. */
  readonly users: Int32Array;
  readonly below: Below;
}

/** Amounts by month. Users are drawn in the order in which they begin. */
function courseOf(pilot: PilotMatrix, { weeks, weekOf, users, below }: Future, months: number): Float64Array {
  const course = new Float64Array(months);
  const counts = new Float64Array(pilot.users);
  const days = new Float64Array(pilot.weeks * WEEK);
  /** Weeks of the pilot that are added up for the users that have begun. */
  const known = new Set<number>();
  let begun = 0;
  for (const [index, week] of weeks.entries()) {
    if (begun < week.users) known.clear();
    for (; begun < week.users; begun++) {
      const user = users[below(users.length)] ?? 0;
      counts[user] = (counts[user] ?? 0) + 1;
    }
    const past = weekOf[index] ?? 0;
    if (!known.has(past)) addUp(pilot, counts, past, days);
    known.add(past);
    for (const { month, weekday } of week.days) {
      const day = past * WEEK + ((weekday - pilot.firstWeekday + WEEK) % WEEK);
      course[month] = (course[month] ?? 0) + (days[day] ?? 0);
    }
  }
  return course;
}

/** The seven days of one week of the pilot, of all users as often as they were drawn. */
function addUp({ amounts, users, weeks }: PilotMatrix, counts: Float64Array, week: number, days: Float64Array): void {
  const length = weeks * WEEK;
  days.fill(0, week * WEEK, (week + 1) * WEEK);
  for (let user = 0; user < users; user++) {
    const count = counts[user] ?? 0;
    if (count === 0) continue;
    for (let day = week * WEEK; day < (week + 1) * WEEK; day++) days[day] = (days[day] ?? 0) + count * (amounts[user * length + day] ?? 0);
  }
}
