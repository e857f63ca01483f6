/** Rates as rows of a table: a row for each way of being charged. */
import { isDay, startOfDay } from '../core/day.ts';
import { LedgerlineError } from '../core/error.ts';
import { usdPerMillion } from '../pricing/differences.ts';
import type { ScaledPrice } from '../pricing/price-book.ts';
import type { Row, Value, ViewColumn } from './view.ts';

/** As many decimals as a price has; two where it has fewer. */
const exact = (value: Value): string => (value === null || value === undefined ? '' : String(value));
const usd = (field: string, title: string, priority?: number): ViewColumn => ({
  ...{ field, title, align: 'right', show: exact },
  ...(priority !== undefined && { priority }),
});

export const RATE_COLUMNS: readonly ViewColumn[] = [
  { field: 'mode' },
  usd('input_usd', 'input'),
  usd('output_usd', 'output'),
  usd('cache_write_5m_usd', 'write 5 m', 2),
  usd('cache_write_1h_usd', 'write 1 h', 3),
  usd('cache_read_usd', 'read'),
];

export function rateRows({ denominator, normal, fast, long, longPromptTokens }: ScaledPrice): readonly Row[] {
  const modes = [
    { mode: 'normal', of: normal },
    ...(Number.isFinite(longPromptTokens) ? [{ mode: `above ${longPromptTokens.toLocaleString('en')}`, of: long }] : []),
    ...(fast === undefined ? [] : [{ mode: 'fast', of: fast }]),
  ];
  return modes.map(({ mode, of: { exact: rates } }) => ({
    mode,
    input_usd: usdPerMillion(rates.input, denominator),
    output_usd: usdPerMillion(rates.output, denominator),
    cache_write_5m_usd: usdPerMillion(rates.cacheWrite5m, denominator),
    cache_write_1h_usd: usdPerMillion(rates.cacheWrite1h, denominator),
    cache_read_usd: usdPerMillion(rates.cacheRead, denominator),
  }));
}

export const shownDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Throws `invalid` for what is neither a day nor "today". */
export function dayOf(text: string, option: string, nowMs: number): number {
  if (text === 'today') return nowMs;
  if (isDay(text)) return startOfDay(text);
  throw new LedgerlineError('invalid', `${option} ${text.slice(0, 80)} is not a day.`, { hint: 'Write 2026-11-30, or today.' });
}
