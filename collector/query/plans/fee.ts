/** What seats cost in a time range: so much a month each, by the day. Pure. */
import type { PlanConfig } from '../../config/plans.ts';
import { startOfDay } from '../../core/day.ts';
import { parseUsd } from '../../core/money.ts';
import type { Range } from '../compared-range.ts';

/** The seats of one plan and kind. */
export interface SeatGroup {
  readonly plan: string;
  /** '': all of the plan that no other group names. */
  readonly seat: string;
  /** The oldest first. */
  readonly terms: readonly PlanConfig[];
}

export function seatGroups(plans: readonly PlanConfig[]): readonly SeatGroup[] {
  const groups = Map.groupBy(plans, ({ plan, seat }) => JSON.stringify([plan, seat]));
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    return first === undefined ? [] : [{ plan: first.plan, seat: first.seat, terms: own.toSorted((a, b) => startMs(a) - startMs(b)) }];
  });
}

/** The group that a session's seat belongs to. */
export const groupOf = (groups: readonly SeatGroup[], plan: string, seat: string): SeatGroup | undefined =>
  groups.find((group) => group.plan === plan && group.seat === seat && seat !== '') ??
  groups.find((group) => group.plan === plan && group.seat === '');

const startMs = ({ from }: PlanConfig): number => (from === undefined ? Number.NEGATIVE_INFINITY : startOfDay(from));

/** What holds at an instant; undefined before the first. */
export const termAt = ({ terms }: SeatGroup, atMs: number): PlanConfig | undefined => terms.findLast((term) => startMs(term) <= atMs);

/** Pico-dollars. A whole month is the whole price, whatever days it has; a part of it is by days, cut to whole units. */
export function feeOf(group: SeatGroup, { fromMs, toMs }: Range): bigint {
  let fee = 0n;
  for (const [index, term] of group.terms.entries()) {
    const next = group.terms[index + 1];
    const [from, to] = [Math.max(fromMs, startMs(term)), Math.min(toMs, next === undefined ? toMs : startMs(next))];
    const monthly = (parseUsd(term.monthly_usd) ?? 0n) * BigInt(term.seats);
    if (from < to) for (const { days, of } of monthsOf(from, to)) fee += (monthly * BigInt(days)) / BigInt(of);
  }
  return fee;
}

/** The days of each month, in UTC, and how many the month has. */
function monthsOf(fromMs: number, toMs: number): readonly { readonly days: number; readonly of: number }[] {
  const day = (ms: number): Temporal.PlainDate => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO('UTC').toPlainDate();
  const months = [];
  for (let at = day(fromMs); Temporal.PlainDate.compare(at, day(toMs)) < 0; ) {
    const nextMonth = at.with({ day: 1 }).add({ months: 1 });
    const end = Temporal.PlainDate.compare(nextMonth, day(toMs)) < 0 ? nextMonth : day(toMs);
    months.push({ days: at.until(end, { largestUnit: 'days' }).days, of: at.daysInMonth });
    at = end;
  }
  return months;
}
