/** Cumulative spend as comma-separated values: a line for each point, the forecast at the end of the time range. */
import { type Cell, csvPieces } from '../csv.ts';
import { renderInstant } from '../render.ts';
import type { CumulativeData } from './cumulative-data.ts';

export function cumulativeCsv({ unit, at, amounts, previous, forecast, budgets }: CumulativeData): Iterable<string> {
  const heads = [
    'Time',
    'Spent',
    'Previous period',
    'Forecast, median',
    'Forecast, 90th percentile',
    ...budgets.map(({ budget }) => `Budget ${budget}`),
  ];
  const lines = at.map((seconds, index): Cell[] => [
    renderInstant(seconds * 1000) ?? '',
    amounts[index] ?? '',
    previous[index] ?? '',
    seconds === forecast?.at ? forecast.median : '',
    seconds === forecast?.at ? forecast.p90 : '',
    ...budgets.map(({ amount }) => amount),
  ]);
  return csvPieces(
    heads.map((title, index) => (index === 0 ? title : `${title} (${unit})`)),
    lines,
  );
}
