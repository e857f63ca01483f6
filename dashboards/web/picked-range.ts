/** The time range that bars of a chart stand for, for whoever looks closer. */
import type { Selection } from './state.ts';

const toIso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** What the chart is of: its end, null where it has none, and the present. */
interface Drawn {
  readonly to: string | null;
  readonly now: string | null;
}

/**
 * From the first bar to where the one after the last begins (epoch seconds). After the last bar of all (undefined) none begins: it ends with
 * what is drawn, and where that goes on, at no time.
 */
export function pickedRange(from: number, next: number | undefined, { to: end, now }: Drawn): Selection['timeRange'] {
  const isOver = end !== null && now !== null && Date.parse(end) <= Date.parse(now);
  const to = next === undefined ? (isOver ? end : undefined) : toIso(next);
  return { from: toIso(from), ...(to !== undefined && { to }) };
}

const DAY_SECONDS = 86_400;

/** The same of bars of a day in UTC, of which days may be missing; a day that goes on has no end. */
export function pickedDays(from: number, next: number | undefined, starts: readonly number[], nowSeconds: number): Selection['timeRange'] {
  const last = starts.findLast((start) => next === undefined || start < next) ?? from;
  const end = last + DAY_SECONDS;
  return { from: toIso(from), ...(end <= nowSeconds && { to: toIso(end) }) };
}
