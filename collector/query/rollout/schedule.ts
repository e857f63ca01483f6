/** The days of a roll-out: which month and week each is in, and which weekday it is. */
import { type Ramp, usersIn } from './ramp.ts';

export const MONTHS = 12;
const DAYS_OF_WEEK = 7;
const FRIDAY = 5;

export interface RolloutMonth {
  /** First and last day that is counted: the month of the start begins with the start. */
  readonly first: Temporal.PlainDate;
  readonly last: Temporal.PlainDate;
  readonly days: number;
  /** Mondays to Fridays. */
  readonly workingDays: number;
  /** On its last day. */
  readonly users: number;
}

export interface RolloutWeek {
  readonly users: number;
  readonly days: readonly { readonly month: number /** Monday 1 to Sunday 7. */; readonly weekday: number }[];
}

export interface Schedule {
  readonly months: readonly RolloutMonth[];
  /** Of seven days from the start on, whichever weekday that is; the last may have fewer. */
  readonly weeks: readonly RolloutWeek[];
}

/** Twelve calendar months, the first of them from the start on. */
export function scheduleOf(start: Temporal.PlainDate, users: number, ramp: Ramp): Schedule {
  const months = Array.from({ length: MONTHS }, (_, index) => monthOf(start, index, (week) => usersIn(ramp, week, users)));
  const days = months.flatMap(({ first, days: count }, month) =>
    Array.from({ length: count }, (_, day) => ({ month, weekday: first.add({ days: day }).dayOfWeek })),
  );
  const weeks = Array.from({ length: Math.ceil(days.length / DAYS_OF_WEEK) }, (_, week) => ({
    users: usersIn(ramp, week, users),
    days: days.slice(week * DAYS_OF_WEEK, (week + 1) * DAYS_OF_WEEK),
  }));
  return { months, weeks };
}

function monthOf(start: Temporal.PlainDate, index: number, usersOf: (week: number) => number): RolloutMonth {
  const whole = start.with({ day: 1 }).add({ months: index });
  const first = index === 0 ? start : whole;
  const last = whole.add({ months: 1 }).subtract({ days: 1 });
  const days = first.until(last, { largestUnit: 'days' }).days + 1;
  const workingDays = Array.from({ length: days }, (_, day) => first.add({ days: day })).filter(({ dayOfWeek }) => dayOfWeek <= FRIDAY).length;
  const lastDay = start.until(last, { largestUnit: 'days' }).days;
  return { first, last, days, workingDays, users: usersOf(Math.floor(lastDay / DAYS_OF_WEEK)) };
}
