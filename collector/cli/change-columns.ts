/** Columns that analyses have in common: shares as bars, changes with their sign. */
import { displayUsd, parseUsd } from '../core/money.ts';
import { bar } from './chart.ts';
import { percentText } from './table.ts';
import type { Value, ViewColumn } from './view.ts';

const BAR = 10;
const PERCENT = 6;

/** "12.3 % █▏" */
export const shareColumn = (priority?: number): ViewColumn => ({
  field: 'share',
  align: 'left',
  cut: 'never',
  ...(priority !== undefined && { priority }),
  show: (value) => (typeof value === 'number' ? `${percentText(value).padStart(PERCENT + 1)} ${bar(value, BAR)}` : ''),
});

/** "+12.3 %" */
export const signedPercent = (value: Value): string => (typeof value === 'number' ? `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)} %` : '');

/** "+$12.34" */
export function signedUsd(value: Value): string {
  const amount = typeof value === 'string' ? parseUsd(value) : undefined;
  if (amount === undefined) return '';
  return `${amount > 0n ? '+' : ''}${displayUsd(amount)}`;
}

export const changeColumns = (priority: number): ViewColumn[] => [
  { field: 'before_usd', title: 'before', align: 'right', priority: priority + 1 },
  { field: 'change_usd', title: 'change', align: 'right', show: signedUsd, priority: priority + 2 },
  { field: 'change_ratio', title: 'change %', align: 'right', show: signedPercent, priority },
];
