/** Amounts, shares, dates and ages as the messages write them. */
import { LRUCache } from 'lru-cache';
import type { BudgetStatus, BudgetUnit } from '../budgets/status.ts';
import { describeAge } from '../core/duration.ts';
import { displayUsd } from '../core/money.ts';

export const amountText = (amount: bigint, unit: BudgetUnit): string =>
  unit === 'usd' ? displayUsd(amount) : `${amount.toLocaleString('en')} tokens`;

/** 0.8 as "80 %"; one decimal, cut and not rounded, so that 79.99 % never reads as 80 %. */
export function shareText(share: number): string {
  if (!Number.isFinite(share)) return 'all';
  // A ratio has nine decimals: what a float adds beyond them is no part of it.
  const tenths = Math.floor(Number((share * 1000).toFixed(6)));
  return `${(tenths / 10).toLocaleString('en')} %`;
}

export const percent = ({ usedRatio, spent }: BudgetStatus): string =>
  Number.isFinite(usedRatio) ? shareText(usedRatio) : spent > 0n ? 'of nothing' : '0 %';

const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: 1_000 });

/** Making a format costs fifty times its use, and a message has ten of them. */
function format(timeZone: string, parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([timeZone, parts]);
  const known = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { timeZone, ...parts });
  formats.set(key, known);
  return known;
}

/** "Mon 30 Nov 2026". */
export const day = (ms: number, timeZone: string): string =>
  format(timeZone, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }).format(ms).replace(',', '');

/** "Mon 30 Nov 2026, 18:05 (Europe/Berlin)". */
export const moment = (ms: number, timeZone: string): string =>
  `${day(ms, timeZone)}, ${format(timeZone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms)} (${timeZone})`;

/** "the month 1 Nov to 30 Nov 2026": the last day is the one before the period ends. */
export function periodText({ period, periodStartMs, periodEndMs, timeZone }: BudgetStatus): string {
  const first = date(periodStartMs, timeZone);
  const last = date(periodEndMs - 1, timeZone);
  const year = last.slice(-5);
  const days = first === last ? first : `${first.endsWith(year) ? first.slice(0, -5) : first} to ${last}`;
  return /^\d/.test(period) ? days : `the ${period.replace(/^rolling /, 'last ')} ${days}`;
}

/** "the last 30 days"; undefined for a period that ends. */
export const rollingText = ({ period }: Pick<BudgetStatus, 'period'>): string | undefined =>
  period.startsWith('rolling ') ? period.replace('rolling ', 'the last ') : undefined;

/** "1 Nov 2026". */
const date = (ms: number, timeZone: string): string => format(timeZone, { day: 'numeric', month: 'short', year: 'numeric' }).format(ms);

/** "team=platform, user=ada@example.com" as people say it: "team platform, user ada@example.com". */
export const whoText = (scope: string): string =>
  scope === 'everything'
    ? 'everybody'
    : scope
        .split(', ')
        .map((part) => part.replace('=', ' '))
        .join(', ');

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** How old the figures are, in one sentence. */
export function age({ nowMs, asOfMs, timeZone }: { readonly nowMs: number; readonly asOfMs: number | undefined; readonly timeZone: string }): string {
  if (asOfMs === undefined) return 'The ledger is empty.';
  return `The newest record is ${describeAge(nowMs - asOfMs)} old (${moment(asOfMs, timeZone)}).`;
}
