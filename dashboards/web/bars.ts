/** Bars that are also filters: a click on one shows only its part of everything. */
import type { BarRow, BarsData } from '../../collector/http/panel-data.ts';
import type { Unit } from '../../collector/measures.ts';
import { element, withProperties } from './dom.ts';
import { exactAmount, percent, shortAmount } from './format.ts';
import type { Palette } from './palette.ts';
import type { Filter } from './state.ts';

const FOLDED_ROWS = 7;

export interface BarsOptions {
  readonly unit: Unit;
  readonly palette: Palette;
  readonly isUnfolded: boolean;
  readonly isFiltered: (filter: Filter) => boolean;
  readonly onFilter: (filter: Filter) => void;
  readonly onUnfold: () => void;
  /** Unique on the page; focus returns by it after a refresh. */
  readonly focusKey: string;
}

export function renderBars(data: BarsData, options: BarsOptions): HTMLElement {
  const isFoldable = data.rows.length > FOLDED_ROWS + 1;
  const shown = isFoldable && !options.isUnfolded ? data.rows.slice(0, FOLDED_ROWS) : data.rows;
  const largest = Math.max(...data.rows.map((row) => row.share ?? 0), 0);
  return element(
    'div',
    {},
    element('ul', { class: 'bars' }, ...shown.map((row) => element('li', {}, renderRow(row, largest, options)))),
    isFoldable &&
      element(
        'button',
        {
          type: 'button',
          class: 'link-button',
          click: options.onUnfold,
          'data-focus': `${options.focusKey}:unfold`,
          'aria-expanded': String(options.isUnfolded),
        },
        options.isUnfolded ? 'Show fewer' : `Show ${data.rows.length - FOLDED_ROWS} more`,
      ),
  );
}

function renderRow(row: BarRow, largest: number, options: BarsOptions): HTMLElement {
  const { unit, palette } = options;
  const exact = exactAmount(row.value, unit);
  const cells = [
    element('span', { class: 'bar-label' }, row.label, row.rest !== undefined && element('small', {}, ` ${row.rest} more`)),
    element('span', { class: 'bar-share' }, percent(row.share)),
    element('span', { class: 'bar-value' }, shortAmount(row.value, unit)),
  ];
  const { filter } = row;
  const node =
    filter === undefined
      ? element('div', { class: 'bar', title: exact }, ...cells)
      : element(
          'button',
          {
            class: 'bar',
            type: 'button',
            title: `${row.label}: ${exact}`,
            'aria-pressed': String(options.isFiltered(filter)),
            'aria-label': `${row.label}, ${exact}, ${percent(row.share)}. Filter by this ${filter.dimension.replaceAll('_', ' ')}.`,
            'data-focus': `${options.focusKey}:${filter.value}`,
            click: () => options.onFilter(filter),
          },
          ...cells,
        );
  if (row.absent) node.classList.add('is-absent');
  const width = largest === 0 ? 0 : ((row.share ?? 0) / largest) * 100;
  return withProperties(node, { '--bar-width': `${Math.max(width, 0.4).toFixed(2)}%`, '--bar-colour': `var(${palette.colourOf(row)})` });
}
