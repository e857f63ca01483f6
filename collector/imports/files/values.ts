/** Days and amounts as clouds write them. */
import { isDay } from '../../core/day.ts';
import { PICO_PER_USD, parseUsd } from '../../core/money.ts';
import { dayAt } from '../days.ts';

const UTC = /^(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?: ?(?:UTC|Z|\+00(?::?00)?))?$/;

/** The UTC day of an instant such as "2026-10-01T05:00:00.000Z" or "2026-10-01 05:00:00 UTC". */
export function utcDay(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const day = UTC.exec(text)?.[1];
  if (day !== undefined) return isDay(day) ? day : undefined;
  const ms = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*[+-]\d\d:?\d\d$/.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
  return Number.isNaN(ms) ? undefined : dayAt(ms);
}

/** A decimal number of so many tokens each, as a whole number. Undefined for what is none. */
export function tokenCount(amount: string, each: number): number | undefined {
  const exact = parseUsd(amount.trim());
  if (exact === undefined || exact < 0n) return undefined;
  const tokens = (exact * BigInt(each) * 2n + PICO_PER_USD) / (PICO_PER_USD * 2n);
  return tokens <= Number.MAX_SAFE_INTEGER ? Number(tokens) : undefined;
}
