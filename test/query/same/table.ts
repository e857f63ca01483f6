/** Sums in one shape, whatever they were read from: exact integers by period and names. */

export interface Table {
  /** By JSON of the period and the shown values, in the order of `by`. Money in pico-dollars. Rows of zeros are none. */
  readonly rows: ReadonlyMap<string, readonly bigint[]>;
  readonly totals: readonly bigint[];
}

export const keyOf = (period: string, values: readonly string[]): string => JSON.stringify([period, ...values]);

const PLACES = 12;

/** A decimal of dollars, or a count, as an integer: read here by hand, so that no code of the collector reads its own. */
export function exact(measure: string, given: unknown): bigint {
  const text = String(given);
  if (!measure.startsWith('cost')) return BigInt(text);
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)\.(\d{1,12})$/.exec(text) ?? [];
  if (whole === '') throw new Error(`${text} is no amount of money`);
  return BigInt(`${sign}${whole}${fraction.padEnd(PLACES, '0')}`);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** "2024-03-31" of an instant in a zone, by the calendar of the system. */
export function localDay(ms: number, timeZone: string): string {
  const options = { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  return formats.getOrInsertComputed(timeZone, () => new Intl.DateTimeFormat('en-CA', options)).format(ms);
}

const DAY_MS = 86_400_000;

/** The period that an instant is in: a day, the Monday of a week, the first of a month, or the very quarter of an hour. */
export function periodOf(grain: string, ms: number, timeZone: string): string {
  if (grain === 'total') return '';
  if (grain === 'quarter_hour') return new Date(Math.floor(ms / 900_000) * 900_000).toISOString();
  const day = localDay(ms, timeZone);
  if (grain === 'day') return day;
  if (grain === 'month') return `${day.slice(0, 7)}-01`;
  const noon = Date.parse(`${day}T12:00Z`);
  const sinceMonday = (new Date(noon).getUTCDay() + 6) % 7;
  return new Date(noon - sinceMonday * DAY_MS).toISOString().slice(0, 10);
}

/** The first quarter of an hour of a day: midnight, or what comes after where there is none. */
export function startOfDay(day: string, timeZone: string): number {
  const start = Date.parse(`${day}T00:00Z`) - 15 * 3_600_000;
  for (let ms = start; ms < start + 31 * 3_600_000; ms += 900_000) if (localDay(ms, timeZone) >= day) return ms;
  throw new Error(`${day} does not begin in ${timeZone}`);
}
