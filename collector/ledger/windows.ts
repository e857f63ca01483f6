/**
 * Windows of a session: what the sources report within one is the same money. A data point covers an interval, an event lies within that of the
 * point that holds its cost; intervals that touch are one window. Where a source was off, the others stand alone, in windows of their own.
 */
import { reportsRequests, type Source } from '../catalog/sources.ts';

/** Inclusive. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Window extends TimeRange {
  readonly timeRanges: readonly TimeRange[];
}

/**
 * A point covers a little more than it says: an event may be stamped before the first increment or after the reading, and a hop may cut
 * times to the minute. With a live metric the next event beyond it is covered by the next point; without one, minutes lie between.
 */
export const SLACK_MS = 60_000;

/** Also of what has no known time. */
export const ANYTIME: TimeRange = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

export interface Covering {
  readonly source: Source;
  readonly timeMs: number;
  readonly startMs: number | undefined;
  readonly isTimeUncertain?: boolean | undefined;
}

/** `beforeMs`: the reading before, of a cumulative series. A point whose start is not known covers all that was before it. */
export function timeRangeOf({ source, timeMs, startMs, isTimeUncertain }: Covering, beforeMs?: number): TimeRange {
  if (isTimeUncertain === true) return ANYTIME;
  if (reportsRequests(source)) return { fromMs: timeMs, toMs: timeMs };
  const hasReadingBefore = beforeMs !== undefined && beforeMs !== Number.NEGATIVE_INFINITY;
  const fromMs = hasReadingBefore ? beforeMs : (startMs ?? Number.NEGATIVE_INFINITY);
  return { fromMs: Math.min(fromMs, timeMs) - SLACK_MS, toMs: timeMs + SLACK_MS };
}

/** Around what an import has of a request: its event may be stamped otherwise. */
export const around = (timeMs: number): TimeRange => ({ fromMs: timeMs - SLACK_MS, toMs: timeMs + SLACK_MS });

export const touches = (a: TimeRange, b: TimeRange): boolean => a.fromMs <= b.toMs && b.fromMs <= a.toMs;

/** Spans that touch, directly or through others, in the order of time. */
export function windowsOf(timeRanges: readonly TimeRange[]): Window[] {
  const windows: { fromMs: number; toMs: number; timeRanges: TimeRange[] }[] = [];
  for (const timeRange of timeRanges.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = windows.at(-1);
    if (last === undefined || timeRange.fromMs > last.toMs) windows.push({ ...timeRange, timeRanges: [timeRange] });
    else {
      last.toMs = Math.max(last.toMs, timeRange.toMs);
      last.timeRanges.push(timeRange);
    }
  }
  return windows;
}
