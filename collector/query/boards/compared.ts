/** What panels compare with, and whether the ledger knows it: before its first record nothing is known, and zero would pretend to know. Pure. */

import type { LedgerQuery, Panel, Window } from '../../catalog/panel.ts';
import type { TimeRange } from '../../core/time-range.ts';
import type { BoardAnswers } from './board-answers.ts';
import type { BoardQuery } from './board-query.ts';

/** Are there to be compared with: of a part of them nothing follows. */
const COMPARISONS: readonly Window[] = ['last_month_to_date', 'previous_range'];

/** Their past is a part of what they draw. */
const OVER_TIME: readonly Panel['visualization'][] = ['timeseries', 'lines', 'cumulative'];

/** Times of which a panel says something only where they are known. */
export function comparedRanges({ query, visualization }: Panel, asked: BoardQuery): TimeRange[] {
  if (query.source !== 'ledger' || OVER_TIME.includes(visualization)) return [];
  const windows = [query.versus, isPastWindow(query) ? query.window : undefined].filter((window) => window !== undefined);
  const before = visualization === 'stat' ? asked.timeRangeBefore(query.window) : undefined;
  return [...windows.map((window) => asked.timeRangeOf(window)), ...(before === undefined ? [] : [before])];
}

const isPastWindow = ({ window }: LedgerQuery): boolean => window === 'last_month' || COMPARISONS.includes(window);

/** Does the ledger know all of it? */
export const isCovered = ({ fromMs = 0 }: TimeRange, { coveredFromMs }: BoardAnswers): boolean => coveredFromMs <= fromMs;

/** Is a figure of the query's own window known? What the ledger has of a month in which it began is still spend. */
export function isWindowKnown(query: LedgerQuery, answers: BoardAnswers): boolean {
  if (!isPastWindow(query)) return true;
  const timeRange = answers.asked.timeRangeOf(query.window);
  if (COMPARISONS.includes(query.window)) return isCovered(timeRange, answers);
  return answers.coveredFromMs < (timeRange.toMs ?? Number.POSITIVE_INFINITY);
}

/** Said where a panel could have shown more, had the ledger begun earlier. */
export function coverageNote(panel: Panel, answers: BoardAnswers): string | undefined {
  const ranges = comparedRanges(panel, answers.asked);
  if (ranges.every((timeRange) => isCovered(timeRange, answers))) return undefined;
  const { coveredFromMs, asked } = answers;
  if (coveredFromMs > asked.nowMs) return 'The ledger is empty.';
  const day = Temporal.Instant.fromEpochMilliseconds(coveredFromMs).toZonedDateTimeISO(asked.calendar.timeZone).toPlainDate();
  return `The ledger begins on ${day.toString()}: nothing is known of the time before.`;
}
