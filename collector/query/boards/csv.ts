/** A panel's rows as comma-separated values, one header line first. */
import { type Cell, toCsv } from '../csv.ts';
import { renderInstant } from '../render.ts';
import type { BarsData, Figure, HeatmapData, PanelData, SeriesData, TableData } from './panel-data.ts';

/** A figure that there is not is an empty cell, never zero. */
const cell = (figure: Figure | undefined): Cell => figure ?? '';

export function panelCsv({ stat, bars, series, table, heatmap }: PanelData): string {
  if (table !== undefined) return tableCsv(table);
  if (series !== undefined) return seriesCsv(series);
  if (bars !== undefined) return barsCsv(bars);
  if (heatmap !== undefined) return heatmapCsv(heatmap);
  return stat === undefined ? '' : toCsv([stat.unit], [[cell(stat.value)]]);
}

const tableCsv = ({ columns, rows }: TableData): string =>
  toCsv(
    columns.map(({ title, unit }) => (unit === 'label' ? title : `${title} (${unit})`)),
    rows.map(({ cells }) => cells.map(cell)),
  );

const seriesCsv = ({ unit, starts, series }: SeriesData): string =>
  toCsv(
    ['start', ...series.map(({ label }) => `${label} (${unit})`)],
    starts.map((start, index) => [renderInstant(start * 1000) ?? '', ...series.map(({ values }) => cell(values[index]))]),
  );

const barsCsv = ({ unit, rows }: BarsData): string =>
  toCsv(
    ['', unit, 'share'],
    rows.map(({ label, value, share }) => [label, cell(value), cell(share)]),
  );

const heatmapCsv = ({ rowTitle, columnTitle, unit, rows, columns, values }: HeatmapData): string =>
  toCsv(
    [rowTitle, columnTitle, unit],
    rows.flatMap((row, down) => columns.map((column, across) => [row, column, cell(values[down]?.[across])])),
  );
