/** Points of a course in words, and the exact figures behind it as a table. */
import { formatUsd, parseUsd } from '../../collector/core/money.ts';
import type { CumulativeData } from '../../collector/query/boards/cumulative-data.ts';
import type { TableData } from '../../collector/query/boards/panel-data.ts';
import type { Amount } from '../../collector/query/render.ts';
import { barTitle, instant } from './format.ts';

const date = (seconds: number, timeZone: string, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(seconds * 1000);

/** "30 Nov". */
export const dayOf = (seconds: number, timeZone: string): string => date(seconds, timeZone, { day: 'numeric', month: 'short' });

/** "1 to 29 Oct", "28 Sept to 4 Oct", "20 Dec 2025 to 4 Jan 2026", "4 Nov 10:00 to 14:00": the end does not belong to it. */
export function timeText(from: number, to: number, timeZone: string): string {
  const inYear = (seconds: number): string => date(seconds, timeZone, { day: 'numeric', month: 'short', year: 'numeric' });
  const yearOf = (seconds: number): string => date(seconds, timeZone, { year: 'numeric' });
  if (yearOf(from) !== yearOf(to - 1)) return `${inYear(from)} to ${inYear(to - 1)}`;
  const [first, last] = [dayOf(from, timeZone), dayOf(to - 1, timeZone)];
  if (first !== last) return first.split(' ')[1] === last.split(' ')[1] ? `${first.split(' ')[0]} to ${last}` : `${first} to ${last}`;
  const clock = (seconds: number): string => date(seconds, timeZone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return `${first} ${clock(from)} to ${clock(to)}`;
}

/** The end of a day is that day; of an hour, and for the present, the instant. */
export function pointTitle({ at, grain }: CumulativeData, index: number, nowSeconds: number, timeZone: string): string {
  const seconds = at[index] ?? 0;
  if (index === 0) return `From ${instant(new Date(seconds * 1000).toISOString(), timeZone)}`;
  if (Math.abs(seconds - nowSeconds) < 1) return `Now, ${instant(new Date(seconds * 1000).toISOString(), timeZone)}`;
  return grain === 'hour' ? `Until ${instant(new Date(seconds * 1000).toISOString(), timeZone)}` : barTitle(seconds - 1, grain, timeZone);
}

/** One amount less the other; null where one is not there. */
export function difference(amount: Amount | null | undefined, other: Amount | null | undefined): Amount | null {
  const [first, second] = [parseUsd(String(amount)), parseUsd(String(other))];
  return first === undefined || second === undefined ? null : formatUsd(first - second);
}

/** The newest first. */
export function cumulativeTable(data: CumulativeData, nowSeconds: number, timeZone: string): TableData {
  const { at, amounts, previous, unit } = data;
  const rows = at.map((_, index) => ({
    filters: [],
    absent: false,
    opens: '',
    cells: [
      pointTitle(data, index, nowSeconds, timeZone),
      amounts[index] ?? null,
      previous[index] ?? null,
      difference(amounts[index], previous[index]),
    ],
  }));
  return {
    columns: [
      { key: 'at', title: 'Up to', unit: 'label' },
      { key: 'spent', title: 'Spent', unit },
      { key: 'previous', title: 'Previous period', unit },
      { key: 'difference', title: 'Difference', unit, isChange: true },
    ],
    rows: rows.reverse(),
    totals: [null, null, null, null],
  };
}
