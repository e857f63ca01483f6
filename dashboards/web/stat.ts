/** One figure, what it was before, its course, and where it stands against its thresholds. */

import type { Panel, Window } from '../../collector/catalog/panel.ts';
import type { Figure, StatData } from '../../collector/query/boards/panel-data.ts';
import { element, svg } from './dom.ts';
import { changeText, exactAmount, shortAmount, toNumber } from './format.ts';
import { levelBadge, levelOf, levelText } from './thresholds.ts';

const BEFORE: Readonly<Record<Window, string>> = {
  today: 'this time yesterday',
  this_week: 'this time last week',
  this_month: 'this time last month',
  last_month: 'the month before',
  last_month_to_date: 'the month before',
  ever: '',
  range: 'previous period',
  previous_range: '',
};

/** `note`: why figures are missing. */
export function renderStat(panel: Panel, data: StatData, timeZone: string, note?: string): HTMLElement {
  const { value, unit, trend } = data;
  // A counter that has counted nothing yet is not on /metrics.
  if (value === null && panel.empty === '0') return element('div', { class: 'stat' }, element('p', { class: 'stat-value' }, panel.empty));
  if (value === null) return element('p', { class: 'nothing' }, note ?? panel.empty ?? 'No data for this selection.');
  const level = levelOf(value, panel.thresholds);
  const levelTitle =
    level === undefined || panel.thresholds === undefined ? '' : levelText(level, panel.thresholds, (limit) => exactAmount(limit, unit));
  return element(
    'div',
    { class: 'stat' },
    element(
      'p',
      { class: `stat-value${level === undefined ? '' : ` is-${level}`}`, title: exactAmount(value, unit, timeZone) },
      element('span', { class: 'stat-figure' }, shortAmount(value, unit, timeZone)),
      levelBadge(level, levelTitle),
    ),
    renderChange(panel, data) ?? (note !== undefined && element('p', { class: 'stat-change' }, note)),
    trend.length > 1 && renderTrend(trend),
  );
}

function renderChange(panel: Panel, { value, previous, unit }: StatData): HTMLElement | undefined {
  if (value === null || previous === null || panel.query.source !== 'ledger') return undefined;
  const before = BEFORE[panel.query.window];
  const [now, then] = [toNumber(value), toNumber(previous)];
  const plain = `${shortAmount(previous, unit)} ${panel.query.window === 'range' ? `in the ${before}` : before}`;
  const line = element('p', { class: 'stat-change', title: plain });
  if (unit === 'ratio' || then <= 0) line.append(plain);
  else line.append(element('strong', {}, changeText(now / then - 1)), ` vs ${before}`);
  return line;
}

/** Where a value is not known, its place stays empty. */
function renderTrend(trend: readonly Figure[]): SVGSVGElement {
  const values = trend.map((figure) => (figure === null ? null : toNumber(figure)));
  const highest = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
  const bars = values.flatMap((value, index) => {
    if (value === null) return [];
    const height = value <= 0 ? 0.6 : Math.max(1.2, (value / highest) * 24);
    return svg('rect', { x: index * 10 + 1, width: 8, y: 24 - height, height, class: index === values.length - 1 ? 'trend-now' : 'trend-bar' });
  });
  return svg('svg', { class: 'trend', viewBox: `0 0 ${values.length * 10} 24`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, ...bars);
}
