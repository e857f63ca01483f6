/** Amounts, times and shares in words for people. Exact amounts are the server's decimal strings. */
import type { Amount } from '../../collector/http/render.ts';
import type { Unit } from '../../collector/measures.ts';
import { displayUsd, formatUsd, parseUsd, toFloatUsd } from '../../collector/money.ts';

const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

const money = (amount: Amount): bigint => parseUsd(String(amount)) ?? 0n;

/** For drawing only. */
export const toNumber = (amount: Amount): number => (typeof amount === 'number' ? amount : toFloatUsd(money(amount)));

/** What a tile or a bar shows: money to the cent, large counts shortened. */
export function shortAmount(amount: Amount, unit: Unit): string {
  if (unit === 'usd') return displayUsd(money(amount));
  if (unit === 'ms') return duration(Number(amount));
  return Number(amount) >= 100_000 ? compact.format(Number(amount)) : whole.format(Number(amount));
}

/** Every digit, for tooltips and tables. */
export function exactAmount(amount: Amount, unit: Unit): string {
  if (unit === 'usd') {
    const [units = '0', fraction = '00'] = String(amount).split('.');
    return `$${whole.format(BigInt(units))}.${fraction}`;
  }
  if (unit === 'ms') return `${whole.format(Number(amount))} ms`;
  return whole.format(Number(amount));
}

/** Added up as integers, so that the sum is what a person gets who adds the lines by hand. */
export function exactTotal(amounts: readonly Amount[], unit: Unit): string {
  if (unit === 'usd') return exactAmount(formatUsd(amounts.reduce<bigint>((sum, amount) => sum + money(amount), 0n)), unit);
  return exactAmount(
    amounts.reduce<number>((sum, amount) => sum + Number(amount), 0),
    unit,
  );
}

export function axisAmount(value: number, unit: Unit): string {
  const text = compact.format(value);
  return unit === 'usd' ? `$${text}` : text;
}

/** 0 to 1 as per cent: a decimal below ten, "<0.1 %" for what rounds to nothing and is not. */
export function percent(share: number | null): string {
  if (share === null) return '–';
  const value = share * 100;
  if (value > 0 && value < 0.05) return '<0.1 %';
  return `${value.toFixed(value < 9.95 && value !== 0 ? 1 : 0)} %`;
}

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${whole.format(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

const FORMATS: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  hour: { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
};
const AXIS_FORMATS: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  hour: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { day: 'numeric', month: 'short' },
  month: { month: 'short', year: '2-digit' },
};

const dateText = (seconds: number, timeZone: string, options: Intl.DateTimeFormatOptions | undefined): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(seconds * 1000);

export function barTitle(seconds: number, grain: string, timeZone: string): string {
  const text = dateText(seconds, timeZone, FORMATS[grain] ?? FORMATS.day);
  return grain === 'week' ? `Week of ${text}` : text;
}

export const axisDate = (seconds: number, grain: string, timeZone: string): string =>
  dateText(seconds, timeZone, AXIS_FORMATS[grain] ?? AXIS_FORMATS.day);

export const instant = (iso: string, timeZone?: string): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', ...(timeZone !== undefined && { timeZone }) }).format(new Date(iso));
