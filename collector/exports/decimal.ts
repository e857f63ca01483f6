/** Whole numbers of a scale as decimal strings. */
import { formatUsd } from '../core/money.ts';
import { SCALES } from './table.ts';

const MILLION = 10n ** BigInt(SCALES.quantity);

/** Money with at least two decimals, as everywhere; quantities without needless zeros. */
export function formatDecimal(type: keyof typeof SCALES, value: bigint): string {
  if (type === 'usd') return formatUsd(value);
  const magnitude = value < 0n ? -value : value;
  const fraction = (magnitude % MILLION).toString().padStart(SCALES.quantity, '0').replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${magnitude / MILLION}${fraction === '' ? '' : `.${fraction}`}`;
}
