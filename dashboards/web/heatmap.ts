/** Two labels against each other: a table whose cells are the darker the more they hold. */
import type { Figure, HeatmapData } from '../../collector/query/boards/panel-data.ts';
import { element, withProperties } from './dom.ts';
import { exactAmount, shortAmount, toNumber } from './format.ts';

/** ISO weekdays in words. */
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Beyond so many columns the figures do not fit their cells; they are then in the title and for screen readers. */
const TEXT_COLUMNS_MAX = 12;

export function renderHeatmap(data: HeatmapData, title: string): HTMLElement {
  const largest = data.values.flat().reduce<number>((most, value) => Math.max(most, value === null ? 0 : toNumber(value)), 0);
  const isNarrow = data.columns.length > TEXT_COLUMNS_MAX;
  return element(
    'div',
    { class: 'table-scroll', tabindex: 0, role: 'group', 'aria-label': title },
    element(
      'table',
      { class: `heatmap${isNarrow ? ' is-narrow' : ''}` },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, element('span', { class: 'visually-hidden' }, `${data.rowTitle} by ${data.columnTitle}`)),
          ...data.columns.map((column) => element('th', { scope: 'col' }, column)),
        ),
      ),
      element('tbody', {}, ...data.rows.map((row, index) => renderRow(rowName(row, data.rowTitle), data.values[index] ?? [], data, largest))),
    ),
  );
}

/** Of a weekday its name. */
export const rowName = (row: string, title: string): string => (/^weekday$/i.test(title) ? (WEEKDAYS[Number(row) - 1] ?? row) : row);

function renderRow(name: string, values: readonly Figure[], { columns, unit }: HeatmapData, largest: number): HTMLElement {
  const cells = columns.map((column, index) => {
    const value = values[index] ?? null;
    const heat = value === null || largest === 0 ? 0 : toNumber(value) / largest;
    const cell = element('td', { title: `${name}, ${column}: ${exactAmount(value, unit)}` }, element('span', {}, shortAmount(value, unit)));
    // The root keeps small amounts visible beside one that towers over all.
    return withProperties(cell, { '--heat': `${(Math.sqrt(Math.max(heat, 0)) * 100).toFixed(0)}%` });
  });
  return element('tr', {}, element('th', { scope: 'row' }, name), ...cells);
}
