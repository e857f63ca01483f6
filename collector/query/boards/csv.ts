/** A panel's rows as comma-separated values, one header line first: names with their units, and then every digit. */
import { type Cell, csvPieces } from '../csv.ts';
import { renderInstant } from '../render.ts';
import { budgetBarsCsv } from './budget-bars-csv.ts';
import { cumulativeCsv } from './cumulative-csv.ts';
import type { BarsData, Figure, HeatmapData, PanelData, SeriesData, TableData } from './panel-data.ts';

/** A figure that there is not is an empty cell, never zero. */
const cell = (figure: Figure | undefined): Cell => figure ?? '';

const named = (title: string, unit: string): string => `${title} (${unit})`;

export function panelCsv({ title, stat, bars, series, table, heatmap, cumulative, budgets }: PanelData): Iterable<string> {
  if (table !== undefined) return tableCsv(table);
  if (series !== undefined) return seriesCsv(series);
  if (bars !== undefined) return barsCsv(title, bars);
  if (heatmap !== undefined) return heatmapCsv(title, heatmap);
  if (budgets !== undefined) return budgetBarsCsv(budgets);
  if (cumulative !== undefined) return cumulativeCsv(cumulative);
  return stat === undefined ? [] : csvPieces([named(title, stat.unit)], [[cell(stat.value)]]);
}

const tableCsv = ({ columns, rows }: TableData): Iterable<string> =>
  csvPieces(
    columns.map(({ title, unit }) => (unit === 'label' ? title : named(title, unit))),
    rows.map(({ cells }) => cells.map(cell)),
  );

const seriesCsv = ({ unit, starts, series }: SeriesData): Iterable<string> =>
  csvPieces(
    ['start', ...series.map(({ label }) => named(label, unit))],
    starts.map((start, index) => [renderInstant(start * 1000) ?? '', ...series.map(({ values }) => cell(values[index]))]),
  );

const barsCsv = (title: string, { unit, rows }: BarsData): Iterable<string> =>
  csvPieces(
    ['Name', named(title, unit), named('Share', 'ratio')],
    rows.map(({ label, value, share }) => [label, cell(value), cell(share)]),
  );

const heatmapCsv = (title: string, { rowTitle, columnTitle, unit, rows, columns, values }: HeatmapData): Iterable<string> =>
  csvPieces(
    [rowTitle, columnTitle, named(title, unit)],
    rows.flatMap((row, down) => columns.map((column, across) => [row, column, cell(values[down]?.[across])])),
  );
