/** Spend so far: the figure, its change, what lies ahead, and the course of it. */
import type { BudgetLine, CumulativeData } from '../../collector/query/boards/cumulative-data.ts';
import { type CumulativeOptions, renderCumulativeChart } from './cumulative-chart.ts';
import { dayOf, timeText } from './cumulative-text.ts';
import { element } from './dom.ts';
import { changeText, exactAmount, shortAmount, toNumber } from './format.ts';

export function renderCumulative(data: CumulativeData, options: CumulativeOptions): HTMLElement {
  return element(
    'div',
    { class: 'cumulative' },
    renderHeadline(data, options),
    element('div', { class: 'cumulative-course' }, renderLegend(data, options), renderCumulativeChart(data, options), renderNotes(data)),
  );
}

function renderHeadline(data: CumulativeData, { timeZone }: CumulativeOptions): HTMLElement {
  const { total, unit, forecast, budgets } = data;
  return element(
    'dl',
    { class: 'headline' },
    element(
      'div',
      { class: 'headline-total' },
      element('dt', {}, 'Total of the time range'),
      element('dd', { class: 'stat-value', title: exactAmount(total, unit) }, element('span', { class: 'stat-figure' }, shortAmount(total, unit))),
      element('dd', { class: 'stat-change' }, changeLine(data, timeZone)),
    ),
    forecast !== null &&
      element(
        'div',
        {},
        element('dt', {}, `Forecast until ${dayOf(forecast.at - 1, timeZone)}`),
        element('dd', { class: 'headline-figure', title: exactAmount(forecast.median, unit) }, shortAmount(forecast.median, unit)),
        element('dd', { class: 'stat-change' }, `90th percentile ${shortAmount(forecast.p90, unit)}`),
      ),
    ...budgets.map((budget) => renderBudget(budget, data, timeZone)),
  );
}

function changeLine({ total, before, unit, previous_from, previous_to }: CumulativeData, timeZone: string): HTMLElement | string {
  if (before === null || previous_from === null || previous_to === null) return 'Nothing to compare with.';
  const range = timeText(previous_from, previous_to, timeZone);
  const [now, then] = [toNumber(total), toNumber(before)];
  if (then <= 0) return `${shortAmount(before, unit)} in ${range}`;
  return element('span', {}, element('strong', {}, changeText(now / then - 1)), ` vs ${shortAmount(before, unit)} in ${range}`);
}

function renderBudget({ budget, amount, remaining, ends, runs_out, stopped }: BudgetLine, { unit }: CumulativeData, timeZone: string): HTMLElement {
  const left = toNumber(remaining);
  const figure = left < 0 ? `${shortAmount(String(remaining).replace('-', ''), unit)} over` : `${shortAmount(remaining, unit)} left`;
  const when = stopped ? 'stopped' : runs_out === null ? undefined : `runs out on ${dayOf(runs_out, timeZone)}`;
  const level = left < 0 || stopped ? ' is-critical' : runs_out === null ? '' : ' is-warning';
  return element(
    'div',
    {},
    element('dt', {}, `Budget ${budget}`),
    element('dd', { class: `headline-figure${level}`, title: exactAmount(remaining, unit) }, figure),
    element(
      'dd',
      { class: 'stat-change' },
      `of ${shortAmount(amount, unit)} until ${dayOf(ends - 1, timeZone)}${when === undefined ? '' : `; ${when}`}`,
    ),
  );
}

function renderLegend({ previous, forecast, budgets, unit }: CumulativeData, { timeZone }: CumulativeOptions): HTMLElement {
  const items: (readonly [kind: string, words: string])[] = [
    ['spent', 'Spent'],
    ...(previous.length === 0 ? [] : ([['previous', 'Previous period']] as const)),
    ...(forecast === null ? [] : ([['forecast', 'Forecast, median to 90th percentile']] as const)),
    ...budgets.map(({ budget, amount }) => ['budget', `Budget ${budget}: ${shortAmount(amount, unit, timeZone)}`] as const),
  ];
  return element(
    'ul',
    { class: 'legend', 'aria-label': 'Shown in the chart' },
    ...items.map(([kind, words]) => element('li', { class: 'legend-item' }, element('span', { class: `swatch is-${kind}` }), words)),
  );
}

/** What is missing, and why. */
function renderNotes({ before_note, forecast_note }: CumulativeData): HTMLElement | undefined {
  const notes = [before_note === null ? null : `No previous period: ${before_note}`, forecast_note === null ? null : `No forecast: ${forecast_note}`];
  const shown = notes.filter((note) => note !== null);
  return shown.length === 0 ? undefined : element('p', { class: 'cumulative-notes' }, shown.join(' '));
}
