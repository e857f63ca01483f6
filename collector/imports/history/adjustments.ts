/** Changes of history as a collector takes them: POST /api/v1/adjustments. */
import { hash } from 'node:crypto';
import { formatUsd } from '../../core/money.ts';
import { HISTORY_MEASURES, type HistoryAmounts, type HistoryMeasure } from './amounts.ts';
import { type Change, HISTORY_DIMENSIONS, type HistoryRow } from './plan.ts';

/** Of which the collector takes so many at a time. */
export const ADJUSTMENTS_AT_ONCE = 100;
/** An amount of an adjustment is a double; money of it is in pico-dollars. */
const AMOUNT_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * `round`: another one makes other ids. The same change is recognized when it is sent again; one that came before, and was undone since, takes
 * a round of its own.
 */
export const adjustmentsOf = (changes: readonly Change[], round: number): readonly object[] =>
  changes.flatMap(({ rows }) => rows.flatMap((row) => parted(row).map((part, index) => adjustmentOf(part, `${round}.${index}`))));

function adjustmentOf({ user, day, dimensions, amounts }: HistoryRow, part: string): object {
  const { cost, cost_list: list, ...others } = amounts;
  const stated = HISTORY_DIMENSIONS.flatMap((name) => (dimensions[name] === '' ? [] : [[name, dimensions[name]]]));
  const sent = {
    ...{ day, user },
    ...(cost !== undefined && { cost: formatUsd(cost) }),
    ...(list !== undefined && { list: formatUsd(list) }),
    amounts: Object.fromEntries(Object.entries(others).map(([name, amount]) => [name, isMoney(name) ? formatUsd(amount) : Number(amount)])),
    dimensions: Object.fromEntries(stated),
  };
  return { id: hash('sha256', `${part} ${JSON.stringify(sent)}`, 'base64url'), ...sent };
}

export const isMoney = (measure: string): boolean => measure.startsWith('cost');

/** Large amounts in equal parts. */
function parted(row: HistoryRow): readonly HistoryRow[] {
  const largest = HISTORY_MEASURES.reduce((most, name) => (magnitude(row.amounts[name]) > most ? magnitude(row.amounts[name]) : most), 0n);
  const parts = largest / AMOUNT_MAX + 1n;
  if (parts === 1n) return [row];
  const upTo = (amount: bigint, index: bigint): bigint => (amount * index) / parts;
  return Array.from({ length: Number(parts) }, (_, index) => {
    const at = BigInt(index);
    const entries = HISTORY_MEASURES.flatMap((name): [HistoryMeasure, bigint][] => {
      const amount = row.amounts[name] ?? 0n;
      const part = upTo(amount, at + 1n) - upTo(amount, at);
      return part === 0n ? [] : [[name, part]];
    });
    return { ...row, amounts: Object.fromEntries(entries) as HistoryAmounts };
  });
}

const magnitude = (amount = 0n): bigint => (amount < 0n ? -amount : amount);
