/** Days in UTC as text, and which of them an import reads. */
import { startOfDay } from '../core/day.ts';
import { DAY_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import type { StatementSource } from './source.ts';
import type { DayRange, StatementDay } from './statements.ts';

export const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const daysAfter = (day: string, count: number): string => dayAt(startOfDay(day) + count * DAY_MS);

export function daysOf({ from, to }: DayRange): readonly string[] {
  const days: string[] = [];
  for (let day = from; day < to; day = daysAfter(day, 1)) days.push(day);
  return days;
}

/** Was the day over, and the delay with it? */
export const isComplete = (day: string, { delayMs }: Pick<StatementSource, 'delayMs'>, askedMs: number): boolean =>
  askedMs >= startOfDay(day) + DAY_MS + delayMs;

/** Of files, all days are read that are in them, but for what is older. */
const FILES_DAYS = 1_100;

/** So many days back an import reads of itself, whatever it has. */
export const daysRead = ({ revisedDays, isOfFiles }: Pick<StatementSource, 'revisedDays' | 'isOfFiles'>): number =>
  // At least yesterday: where nothing is missing, there is something to read all the same.
  isOfFiles === true ? FILES_DAYS : Math.max(1, revisedDays);

export interface Wanted {
  /** First and last day that are asked for, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * What is read: up to yesterday, from the first day since the first import that is missing or was not complete, and at least the days that may
 * still be revised.
 */
export function rangeOf({ from, to }: Wanted, source: StatementSource, known: readonly StatementDay[], nowMs: number): DayRange {
  const today = dayAt(nowMs);
  const end = to === undefined ? today : daysAfter(to, 1);
  const earliest = earliestOf(source, today);
  const start = from ?? (source.isOfFiles === true ? daysAfter(today, -daysRead(source)) : defaultStart(source, known, today, earliest));
  if (earliest !== undefined && start < earliest) {
    throw new LedgerlineError('invalid', `${source.title} has nothing before ${earliest}.`, {
      hint: `Use --from ${earliest} or a later day.`,
    });
  }
  if (start >= end) {
    throw new LedgerlineError('invalid', `There are no days from ${start} to ${daysAfter(end, -1)}.`, {
      hint: 'Days are in UTC, both are included, and today is asked for with --to alone.',
    });
  }
  return { from: start, to: end };
}

/** Undefined where the source does not say. */
function earliestOf({ daysBack, firstDay = '' }: StatementSource, today: string): string | undefined {
  const back = daysBack === undefined ? '' : daysAfter(today, -daysBack);
  const earliest = back > firstDay ? back : firstDay;
  return earliest === '' ? undefined : earliest;
}

function defaultStart(source: StatementSource, known: readonly StatementDay[], today: string, earliest: string | undefined): string {
  const revised = daysAfter(today, -daysRead(source));
  const complete = new Set(known.filter(({ isComplete: is }) => is).map(({ day }) => day));
  const first = known.map(({ day }) => day).sort()[0] ?? today;
  const gap = daysOf({ from: first, to: today }).find((day) => !complete.has(day)) ?? today;
  const start = gap < revised ? gap : revised;
  return earliest !== undefined && start < earliest ? earliest : start;
}
