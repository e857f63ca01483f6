/** Where the bars of a time range begin: where the ledger's own periods do, or what is booked in one would be in no bar. */
import { Calendar, type CalendarOptions, type Grain } from '../../core/calendar.ts';
import type { TimeRange } from '../../core/time-range.ts';
import type { Row } from '../../ledger/ledger.ts';
import { periodStarts } from '../../ledger/period-starts.ts';
import type { BoardQuery } from './board-query.ts';

/** Panels of one board ask for the same days again and again. */
const calendars = new WeakMap<CalendarOptions, Calendar>();

/** Of every bar from the time range's first to its last or the present, epoch milliseconds. */
export function barStarts(
  grain: Grain,
  { fromMs, toMs }: TimeRange,
  rows: readonly Row[],
  { calendar, nowMs }: Pick<BoardQuery, 'calendar' | 'nowMs'>,
): readonly number[] {
  if (grain === 'total') return [];
  const own = calendars.getOrInsertComputed(calendar, () => new Calendar(calendar));
  const first = fromMs ?? rows.reduce((least, row) => Math.min(least, row.startMs ?? nowMs), nowMs);
  const last = toMs === undefined ? nowMs : Math.min(toMs - 1, nowMs);
  return periodStarts(own, grain, first, last).map((seconds) => seconds * 1_000);
}
