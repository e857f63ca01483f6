/** Sums of the ledger to the figures of one thing beside others. */
import type { Sum } from '../../catalog/figure-values.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { formatUsd } from '../../core/money.ts';
import { type ComparedRange, daysPassed, renderRange } from '../compared-range.ts';
import { renderAmount } from '../render.ts';
import { shareOf, sumIn } from '../totals.ts';
import { ratioFigure, renderUsage } from '../usage-figures.ts';
import type { ComparedItem } from './answer.ts';
import { MEASURES, type Sums } from './facts.ts';

export interface ItemRequest extends Pick<ComparedRange, 'range' | 'isRunning'> {
  readonly name: string;
  readonly sums: Sums;
  readonly calendar: CalendarOptions;
  readonly nowMs: number;
  /** Cost of everything; undefined between periods. */
  readonly whole: bigint | undefined;
  /** See ComparedItem. */
  readonly atList: bigint | undefined;
}

export function renderItem({ name, range, isRunning, sums, calendar, nowMs, whole, atList }: ItemRequest): ComparedItem {
  const sum = sumIn(MEASURES, sums.values);
  return {
    name,
    range: renderRange(range, calendar),
    is_running: isRunning,
    share: whole === undefined ? null : shareOf(sum('cost'), whole),
    ...renderUsage(sum),
    input_tokens: renderAmount('input_tokens', sum('input_tokens')),
    output_tokens: renderAmount('output_tokens', sum('output_tokens')),
    cache_read_tokens: renderAmount('cache_read_tokens', sum('cache_read_tokens')),
    cache_creation_tokens: renderAmount('cache_creation_tokens', sum('cache_creation_tokens')),
    latency_p50: ratioFigure('latency_p50', sum),
    latency_p95: ratioFigure('latency_p95', sum),
    errors: renderAmount('errors', sum('errors')),
    error_ratio: ratioFigure('error_ratio', sum),
    ...perDayAndDeveloper(sum, sums.developers, daysPassed(range, calendar, nowMs)),
    range_at_list_usd: atList === undefined ? null : formatUsd(atList),
  };
}

const MILLIONTHS = 1_000_000n;

function perDayAndDeveloper(sum: Sum, developers: number | undefined, days: number) {
  const cost = sum('cost');
  const millionths = BigInt(Math.round(days * Number(MILLIONTHS)));
  const per = (parts: bigint): string | null => (parts === 0n ? null : formatUsd((cost * MILLIONTHS) / parts));
  const people = developers === undefined ? undefined : BigInt(developers);
  return {
    days,
    cost_per_day_usd: per(millionths),
    developers: developers ?? null,
    cost_per_developer_usd: people === undefined ? null : per(people * MILLIONTHS),
    cost_per_developer_day_usd: people === undefined ? null : per(people * millionths),
  };
}
