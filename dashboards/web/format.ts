/** Amounts, times and shares in words for people. Exact amounts are the server's decimal strings; what is not there is a dash, never zero. */

import { HOUR_MS, MINUTE_MS } from '../../collector/core/duration.ts';
import { displayUsd, formatUsd, parseUsd, toFloatUsd } from '../../collector/core/money.ts';
import type { Figure, PanelUnit } from '../../collector/query/boards/panel-data.ts';
import type { Amount } from '../../collector/query/render.ts';

const HOURS_FROM_MS = 48 * HOUR_MS;
const ABSENT = '–';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 12 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

const money = (amount: Amount): bigint => parseUsd(String(amount)) ?? 0n;

/** For drawing and sorting only. */
export const toNumber = (amount: Amount): number => (typeof amount === 'number' ? amount : toFloatUsd(money(amount)));

/** What a tile, a bar or a cell shows: money to the cent, large counts shortened. */
export function shortAmount(amount: Figure, unit: PanelUnit, timeZone?: string): string {
  if (amount === null) return ABSENT;
  if (unit === 'usd') return displayUsd(money(amount));
  const value = toNumber(amount);
  if (unit === 'ratio') return percent(value);
  // What adds up over users is no time that passed: in hours, however many.
  if (unit === 'ms') return value >= HOURS_FROM_MS ? `${whole.format(value / HOUR_MS)} h` : duration(value);
  if (unit === 'seconds') return duration(value * 1000);
  if (unit === 'timestamp') return instant(new Date(value * 1000).toISOString(), timeZone);
  if (Math.abs(value) >= 100_000) return compact.format(value);
  return Math.abs(value) >= 1000 ? whole.format(value) : fine.format(value);
}

/** Every digit, for tooltips and tables of exact figures. */
export function exactAmount(amount: Figure, unit: PanelUnit, timeZone?: string): string {
  if (amount === null) return ABSENT;
  if (unit === 'usd') {
    const [, sign = '', units = '0', fraction = '00'] = /^(-?)(\d+)\.?(\d*)$/.exec(formatUsd(money(amount))) ?? [];
    return `${sign}$${whole.format(BigInt(units))}.${fraction}`;
  }
  const value = toNumber(amount);
  if (unit === 'ms') return `${fine.format(value)} ms`;
  if (unit === 'seconds') return value < 100 ? `${exact.format(Number(value.toFixed(3)))} s` : `${whole.format(value)} s`;
  if (unit === 'ratio') return `${(value * 100).toFixed(2)} %`;
  if (unit === 'timestamp') return shortAmount(amount, unit, timeZone);
  return exact.format(value);
}

/** More or less than before, with its sign. */
export function changeAmount(amount: Figure, unit: PanelUnit): string {
  if (amount === null) return ABSENT;
  const text = shortAmount(amount, unit);
  return toNumber(amount) > 0 ? `+${text}` : text;
}

/** Money is added up as integers, so that the sum is what a person gets who adds the lines by hand. */
export function totalAmount(amounts: readonly Amount[], unit: PanelUnit): Amount {
  if (unit === 'usd') return formatUsd(amounts.reduce<bigint>((sum, amount) => sum + money(amount), 0n));
  return amounts.reduce<number>((sum, amount) => sum + toNumber(amount), 0);
}

export function axisAmount(value: number, unit: PanelUnit): string {
  if (unit === 'ratio') return `${exact.format(Number((value * 100).toFixed(3)))} %`;
  if (unit === 'seconds') return axisDuration(value * 1000);
  if (unit === 'ms') return axisDuration(value);
  if (unit !== 'usd') return compact.format(value);
  return `$${Number.isInteger(value) || Math.abs(value) >= 100 ? compact.format(value) : value.toFixed(Math.abs(value) < 0.01 ? 4 : 2)}`;
}

/** The axis is split at whole seconds, minutes and hours, see chart.ts. */
function axisDuration(ms: number): string {
  const [size, name] = [[HOUR_MS, 'h'] as const, [MINUTE_MS, 'min'] as const, [1000, 's'] as const].find(([unit]) => ms >= unit) ?? [1, 'ms'];
  return ms === 0 ? '0' : `${fine.format(ms / size)} ${name}`;
}

/** 0 to 1 as per cent: a decimal below ten and where whole ones would say all; "<0.1 %" and ">99.9 %" for what is not nothing and not all. */
export function percent(share: number | null): string {
  if (share === null) return ABSENT;
  const value = share * 100;
  if (value > 0 && value < 0.05) return '<0.1 %';
  if (value >= 99.5 && value < 100) return value < 99.95 ? `${value.toFixed(1)} %` : '>99.9 %';
  return `${value.toFixed(Math.abs(value) < 9.95 && value !== 0 ? 1 : 0)} %`;
}

/** A change as a share of before. More spend is neither good nor bad, so it has no color: only a direction. */
export function changeText(change: number): string {
  const size = Math.abs(change) * 100;
  if (size < 0.5) return '±0 %';
  return `${change > 0 ? '▲' : '▼'} ${size > 999 ? '>999' : size.toFixed(0)} %`;
}

export function duration(ms: number): string {
  if (ms > 0 && ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (ms < MINUTE_MS) return `${fine.format(Math.round(ms / 100) / 10)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${whole.format(Math.floor(hours / 24))} days ${hours % 24} h`;
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

export const dayText = (iso: string, timeZone: string): string => dateText(Date.parse(iso) / 1000, timeZone, FORMATS.day);

export const instant = (iso: string, timeZone?: string): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', ...(timeZone !== undefined && { timeZone }) }).format(new Date(iso));

/** A dimension's name as people write it: "mcp_server" is "MCP server". */
export const wordsOf = (name: string): string => name.replaceAll('_', ' ').replace(/^mcp\b/, 'MCP');
