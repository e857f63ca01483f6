/** A table that sorts by any of its columns, with bars behind the first figure. */

import type { Thresholds } from '../../collector/catalog/panel.ts';
import type { Figure, TableColumn, TableData, TableRow } from '../../collector/query/boards/panel-data.ts';
import { type Child, element, withProperties } from './dom.ts';
import { changeAmount, exactAmount, shortAmount, toNumber } from './format.ts';
import { linkOf, type RowContext } from './rows.ts';
import { levelBadge, levelOf } from './thresholds.ts';

const SESSION_ID_SHOWN = 8;

export interface Sorting {
  readonly column: string;
  readonly isDescending: boolean;
}

export interface TableOptions extends RowContext {
  readonly title: string;
  readonly timeZone: string;
  /** Every digit, aligned at the decimal point. */
  readonly isExact: boolean;
  /** Held against the first column of figures of this unit, as Grafana does: others are about something else. */
  readonly thresholds?: { readonly limits: Thresholds; readonly unit: string };
  /** Undefined: the order of the answer. */
  readonly sorting: Sorting | undefined;
  readonly onSort: (sorting: Sorting) => void;
  /** The column by which the rows come, the newest first: its words ("Fri, 6 Nov") have no order of their own. */
  readonly newestFirst?: string;
  /** The rows come in that order. */
  readonly isArranged?: true;
  /** Columns that can be sorted by; without it all. */
  readonly sortable?: readonly string[];
  readonly focusKey: string;
}

export function renderTable(answer: TableData, options: TableOptions): HTMLElement {
  const data = options.isExact ? answer : figureBesideName(answer);
  const show = data.columns.map((column, index) => cellText(column, index, data, options));
  const scales = data.columns.map((column, index) => scaleOf(column, index, data));
  const hasTotals = data.totals.some((total) => total !== null);
  return element(
    'div',
    { class: 'table-scroll', tabindex: 0, role: 'group', 'aria-label': options.isExact ? `${options.title}, exact figures` : options.title },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...data.columns.map((column) => renderHeading(column, data, options)))),
      element(
        'tbody',
        {},
        ...(options.isArranged ? data.rows : sorted(data, options)).map((row) => renderRow(row, data.columns, { show, scales, options })),
      ),
      hasTotals &&
        element(
          'tfoot',
          {},
          data.found !== undefined && renderTotals('Found', data.found.totals, data, show),
          renderTotals('Total', data.totals, data, show),
        ),
    ),
  );
}

/** Of what is named by three columns or more the first figure comes after the first of them: the others may lie out of sight. */
function figureBesideName(data: TableData): TableData {
  const names = data.columns.findIndex(({ unit }) => unit !== 'label');
  if (names < 3) return data;
  const moved = <Item>(items: readonly Item[]): readonly Item[] => [
    ...items.slice(0, 1),
    ...items.slice(names, names + 1),
    ...items.slice(1, names),
    ...items.slice(names + 1),
  ];
  return { ...data, columns: moved(data.columns), rows: data.rows.map((row) => ({ ...row, cells: moved(row.cells) })), totals: moved(data.totals) };
}

/** Sorts downwards first for figures and upwards first for names; again turns it round. */
function renderHeading(column: TableColumn, { columns }: TableData, { sorting, onSort, focusKey, sortable }: TableOptions): HTMLElement {
  const isLabel = column.unit === 'label';
  const title = column.title || (columns[0] === column ? 'Name' : column.key);
  if (sortable?.includes(column.key) === false) return element('th', { scope: 'col', class: isLabel ? 'is-label' : undefined }, title);
  const isSorted = sorting?.column === column.key;
  const isDescending = isSorted ? !sorting.isDescending : !isLabel;
  const button = element(
    'button',
    {
      type: 'button',
      class: 'sort',
      'data-focus': `${focusKey}:sort:${column.key}`,
      click: () => onSort({ column: column.key, isDescending }),
    },
    title,
  );
  const direction = isSorted ? (sorting.isDescending ? 'descending' : 'ascending') : undefined;
  return element('th', { scope: 'col', class: isLabel ? 'is-label' : undefined, 'aria-sort': direction }, button);
}

/** The rest stays last and figures that are not there come after those that are, whichever way the others go. */
export function sorted({ columns, rows }: TableData, { sorting, newestFirst }: Pick<TableOptions, 'sorting' | 'newestFirst'>): readonly TableRow[] {
  const index = columns.findIndex(({ key }) => key === sorting?.column);
  if (sorting === undefined || index === -1) return rows;
  if (sorting.column === newestFirst) return sorting.isDescending ? rows : rows.toReversed();
  const isLabel = columns[index]?.unit === 'label';
  const way = sorting.isDescending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x = null, y = null] = [a.cells[index], b.cells[index]];
    const isLast = Number(a.rest !== undefined) - Number(b.rest !== undefined) || Number(x === null) - Number(y === null);
    if (isLast !== 0 || x === null || y === null) return isLast;
    return way * (isLabel ? String(x).localeCompare(String(y), 'en', { numeric: true }) : toNumber(x) - toNumber(y));
  });
}

type Show = (cell: Figure) => string;

/** Exact money is filled up with zeros, so that the decimal points stand below each other. */
function cellText(column: TableColumn, index: number, { rows, totals, found }: TableData, { isExact, timeZone }: TableOptions): Show {
  const { unit } = column;
  if (unit === 'label') return (cell) => (cell === null ? '' : String(cell));
  if (column.isChange) return (cell) => changeAmount(cell, unit);
  if (!isExact) return (cell) => shortAmount(cell, unit, timeZone);
  if (unit !== 'usd') return (cell) => exactAmount(cell, unit, timeZone);
  const decimals = [...rows.map((row) => row.cells[index]), totals[index], found?.totals[index]].map(
    (cell) => String(cell ?? '').split('.')[1]?.length ?? 0,
  );
  const most = Math.max(2, ...decimals);
  return (cell) => {
    const text = exactAmount(cell, unit);
    return cell === null ? text : text.padEnd(text.indexOf('.') + 1 + most, '0');
  };
}

/** The largest amount of the first figure: its cells carry bars. Undefined for the other columns. */
function scaleOf(column: TableColumn, index: number, { columns, rows }: TableData): number | undefined {
  const isFirst = columns.findIndex(({ unit }) => unit !== 'label' && unit !== 'timestamp') === index;
  if (!isFirst || column.isChange) return undefined;
  const largest = rows.reduce((most, { cells, rest }) => (rest === undefined ? Math.max(most, toNumber(cells[index] ?? 0)) : most), 0);
  return largest > 0 ? largest : undefined;
}

/** Which column thresholds are for; -1 for none. */
export const judgedColumn = (columns: readonly TableColumn[], thresholds: TableOptions['thresholds']): number =>
  columns.findIndex(({ unit, isChange }) => unit === thresholds?.unit && isChange !== true);

interface Columns {
  readonly show: readonly Show[];
  readonly scales: readonly (number | undefined)[];
  readonly options: TableOptions;
}

function renderRow(row: TableRow, columns: readonly TableColumn[], { show, scales, options }: Columns): HTMLElement {
  const judged = judgedColumn(columns, options.thresholds);
  const cells = row.cells.map((cell, index) => {
    const column = columns[index];
    const text = show[index]?.(cell) ?? '';
    // The first column names the row, also where that is an instant.
    if (column === undefined || column.unit === 'label' || index === 0) return renderLabel(text, index, row, options);
    const level = index === judged ? levelOf(cell, options.thresholds?.limits) : undefined;
    const node = element(
      'td',
      { title: options.isExact ? undefined : exactAmount(cell, column.unit, options.timeZone) },
      levelBadge(level, ''),
      text,
    );
    const scale = scales[index];
    if (scale === undefined || cell === null || options.isExact || row.rest !== undefined) return node;
    node.classList.add('has-bar');
    return withProperties(node, { '--bar-width': `${Math.max(0, (toNumber(cell) / scale) * 100).toFixed(1)}%` });
  });
  return element('tr', { class: row.absent ? 'is-absent' : undefined }, ...cells);
}

function renderLabel(text: string, index: number, row: TableRow, options: TableOptions): HTMLElement {
  if (index > 0) return element('td', { class: text.includes(' ') ? 'is-label is-sentence' : 'is-label', title: text }, text);
  const link = linkOf(row, options);
  const label: Child =
    link === undefined
      ? text
      : element(
          'a',
          {
            href: link.href,
            title: `${text}. ${link.hint}.`,
            'aria-current': link.isChosen ? 'true' : undefined,
            'data-focus': `${options.focusKey}:${text}`,
          },
          // Of a session's id the beginning tells enough beside the rest of the row.
          row.session === text ? `${text.slice(0, SESSION_ID_SHOWN)}…` : text,
        );
  return element('th', { scope: 'row', class: 'is-label' }, label, row.rest !== undefined && element('small', {}, ` ${row.rest} more`));
}

function renderTotals(name: string, totals: TableData['totals'], { columns }: TableData, show: readonly Show[]): HTMLElement {
  const cells = columns.map(({ unit }, index) => {
    if (index === 0) return element('th', { scope: 'row', class: 'is-label' }, name);
    const total = totals[index] ?? null;
    return element('td', {}, unit === 'label' || total === null ? '' : (show[index]?.(total) ?? ''));
  });
  return element('tr', {}, ...cells);
}
