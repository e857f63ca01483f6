/** From one sum to another, step by step: each begins where the one before it ended. */
import { element, withCode, withProperties } from './dom.ts';
import { changeAmount, exactAmount, shortAmount, toNumber } from './format.ts';

export interface WaterfallRow {
  readonly title: string;
  /** Decimal USD; null: not known. */
  readonly amount: string | null;
  /** A sum begins at zero; a step where the row before it ended. */
  readonly isSum: boolean;
  /** What it is, and what to do about it. */
  readonly why?: string;
}

export function renderWaterfall(rows: readonly WaterfallRow[]): HTMLElement {
  const scale = Math.max(1e-12, ...rows.map(({ amount }) => toNumber(amount ?? '0')));
  let at = 0;
  const items = rows.map((row) => {
    const amount = toNumber(row.amount ?? '0');
    const from = row.isSum ? 0 : at;
    at = from + amount;
    return renderRow(row, Math.min(from, at) / scale, Math.abs(at - from) / scale);
  });
  return element('ol', { class: 'waterfall' }, ...items);
}

/** `start` and `size`: parts of the width. */
function renderRow({ title, amount, isSum, why }: WaterfallRow, start: number, size: number): HTMLElement {
  const kind = isSum ? 'is-sum' : amount?.startsWith('-') ? 'is-less' : 'is-more';
  const bar = withProperties(element('span', { class: 'waterfall-bar' }), {
    '--start': `${(Math.max(0, Math.min(1, start)) * 100).toFixed(2)}%`,
    '--size': `${(Math.max(0, Math.min(1, size)) * 100).toFixed(2)}%`,
  });
  const shown = amount === null ? 'not known' : isSum ? shortAmount(amount, 'usd') : changeAmount(amount, 'usd');
  return element(
    'li',
    { class: `waterfall-row ${kind}` },
    element('span', { class: 'waterfall-name' }, title),
    element('b', { class: 'waterfall-amount', title: amount === null ? undefined : exactAmount(amount, 'usd') }, shown),
    element('span', { class: 'waterfall-track', 'aria-hidden': 'true' }, amount !== null && bar),
    why !== undefined && element('span', { class: 'waterfall-why' }, ...withCode(why)),
  );
}
