/** The exact figures behind a drawing, as a table. */
import type { PanelData } from '../../collector/http/panel-data.ts';
import type { Amount } from '../../collector/http/render.ts';
import type { Unit } from '../../collector/measures.ts';
import { element } from './dom.ts';
import { barTitle, exactAmount, percent } from './format.ts';

type Cells = readonly string[];

export function renderTable(data: PanelData, unit: Unit, timeZone: string): HTMLElement {
  const { columns, rows, total } = data.series === undefined ? barCells(data, unit) : seriesCells(data.series, unit, timeZone);
  return element(
    'div',
    { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': `${data.title}, exact figures` },
    element(
      'table',
      {},
      element('thead', {}, renderRow(columns, 'col')),
      element('tbody', {}, ...rows.map((row) => renderRow(row, 'row'))),
      element('tfoot', {}, renderRow(total, 'row')),
    ),
  );
}

function renderRow([head = '', ...cells]: Cells, scope: 'col' | 'row'): HTMLElement {
  const tag = scope === 'col' ? 'th' : 'td';
  return element('tr', {}, element('th', { scope }, head), ...cells.map((cell) => element(tag, scope === 'col' ? { scope } : {}, cell)));
}

/** Every digit of every amount, filled up with zeros so that the decimal points stand below each other. */
function alignedAmounts(amounts: readonly Amount[], unit: Unit): (amount: Amount) => string {
  const decimals = Math.max(0, ...amounts.map((amount) => String(amount).split('.')[1]?.length ?? 0));
  return (amount) => {
    const text = exactAmount(amount, unit);
    return unit === 'usd' ? text.padEnd(text.indexOf('.') + 1 + decimals, '0') : text;
  };
}

function barCells({ bars }: PanelData, unit: Unit): { columns: Cells; rows: readonly Cells[]; total: Cells } {
  const rows = bars?.rows ?? [];
  const exact = alignedAmounts([...rows.map((row) => row.value), bars?.total ?? 0], unit);
  return {
    columns: ['', 'Amount', 'Share'],
    rows: rows.map((row) => [row.label, exact(row.value), percent(row.share)]),
    total: ['Total', exact(bars?.total ?? 0), ''],
  };
}

function seriesCells(data: NonNullable<PanelData['series']>, unit: Unit, timeZone: string): { columns: Cells; rows: readonly Cells[]; total: Cells } {
  const exact = alignedAmounts(
    data.series.flatMap((series) => [...series.values, series.total]),
    unit,
  );
  return {
    columns: ['', ...data.series.map((series) => series.label)],
    rows: data.starts
      .map((start, index) => [barTitle(start, data.grain, timeZone), ...data.series.map((series) => exact(series.values[index] ?? 0))])
      .reverse(),
    total: ['Total', ...data.series.map((series) => exact(series.total))],
  };
}
