/** The exact figures behind a drawing, as a table. */
import type { PanelData } from '../../collector/http/panel-data.ts';
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

function barCells({ bars }: PanelData, unit: Unit): { columns: Cells; rows: readonly Cells[]; total: Cells } {
  return {
    columns: ['', 'Amount', 'Share'],
    rows: (bars?.rows ?? []).map((row) => [row.label, exactAmount(row.value, unit), percent(row.share)]),
    total: ['Total', exactAmount(bars?.total ?? 0, unit), ''],
  };
}

function seriesCells(data: NonNullable<PanelData['series']>, unit: Unit, timeZone: string): { columns: Cells; rows: readonly Cells[]; total: Cells } {
  return {
    columns: ['', ...data.series.map((series) => series.label)],
    rows: data.starts
      .map((start, index) => [barTitle(start, data.grain, timeZone), ...data.series.map((series) => exactAmount(series.values[index] ?? 0, unit))])
      .reverse(),
    total: ['Total', ...data.series.map((series) => exactAmount(series.total, unit))],
  };
}
