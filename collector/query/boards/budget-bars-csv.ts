/** Budget bars as comma-separated values: a line for each budget, its unit in a column. */
import { csvPieces } from '../csv.ts';
import { renderInstant } from '../render.ts';
import type { BudgetBarsData } from './budget-bars-data.ts';

const HEADS = [
  ...['Budget', 'Scope', 'Period', 'Unit', 'Amount', 'Spent', 'Remaining', 'Used (ratio)', 'Elapsed (ratio)'],
  ...['Period starts', 'Period ends', 'Forecast, median', 'Forecast, 90th percentile', 'Runs out', 'Stopped'],
];

const instant = (seconds: number | null): string => (seconds === null ? '' : (renderInstant(seconds * 1000) ?? ''));

export const budgetBarsCsv = ({ bars }: BudgetBarsData): Iterable<string> =>
  csvPieces(
    HEADS,
    bars.map((bar) => [
      ...[bar.budget, bar.scope, bar.period, bar.unit, bar.amount, bar.spent, bar.remaining, bar.used ?? '', bar.elapsed],
      ...[instant(bar.starts), instant(bar.ends), bar.median ?? '', bar.p90 ?? '', instant(bar.runs_out), bar.stopped ? 'yes' : 'no'],
    ]),
  );
