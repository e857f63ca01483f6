/** One figure, what it was before, and its course. */
import type { StatData } from '../../collector/http/panel-data.ts';
import type { Amount } from '../../collector/http/render.ts';
import type { Panel, Window } from '../panel.ts';
import { element, svg } from './dom.ts';
import { exactAmount, percent, shortAmount, toNumber } from './format.ts';

const BEFORE: Readonly<Record<Window, string>> = {
  today: 'yesterday by now',
  this_week: 'last week by now',
  this_month: 'last month by now',
  range: 'the period before',
};

export function renderStat(panel: Panel, data: StatData): HTMLElement {
  const isShare = panel.query.figure === 'absent_share';
  const short = (amount: Amount): string => (isShare ? percent(Number(amount)) : shortAmount(amount, unitOf(panel)));
  const exact = (amount: Amount): string => (isShare ? percent(Number(amount)) : exactAmount(amount, unitOf(panel)));
  return element(
    'div',
    { class: 'stat' },
    element(
      'p',
      { class: 'stat-value', title: data.value === null ? 'Nothing to have a share of' : exact(data.value) },
      data.value === null ? '–' : short(data.value),
    ),
    renderChange(panel, data, short, isShare),
    data.trend.length > 1 && renderTrend(data.trend.map(toNumber)),
  );
}

/** A count of different values has no currency, whatever the measure it is counted by. */
const unitOf = (panel: Panel): Panel['unit'] => (panel.query.figure === 'distinct' ? 'count' : panel.unit);

function renderChange(panel: Panel, { value, previous }: StatData, short: (amount: Amount) => string, isShare: boolean): HTMLElement {
  const line = element('p', { class: 'stat-change' });
  if (value === null || previous === null) {
    line.append(' ');
    return line;
  }
  const [now, then] = [toNumber(value), toNumber(previous)];
  const before = BEFORE[panel.query.window];
  const plain = `${short(previous)} ${panel.query.window === 'range' ? `in ${before}` : before}`;
  line.title = plain;
  if (isShare || then === 0) line.append(plain);
  else line.append(element('strong', {}, changeText(now / then - 1)), ` vs ${before}`);
  return line;
}

/** More spend is neither good nor bad, so it has no colour: only a direction. */
function changeText(change: number): string {
  const size = Math.abs(change) * 100;
  if (size < 0.5) return '±0 %';
  return `${change > 0 ? '▲' : '▼'} ${size > 999 ? '>999' : size.toFixed(0)} %`;
}

function renderTrend(values: readonly number[]): SVGSVGElement {
  const highest = Math.max(...values, Number.MIN_VALUE);
  const bars = values.map((value, index) => {
    const height = value <= 0 ? 0.6 : Math.max(1.2, (value / highest) * 24);
    return svg('rect', { x: index * 10 + 1, width: 8, y: 24 - height, height, class: index === values.length - 1 ? 'trend-now' : 'trend-bar' });
  });
  return svg('svg', { class: 'trend', viewBox: `0 0 ${values.length * 10} 24`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, ...bars);
}
