/** The first panel of a board about money: what was spent so far, beside the time before, the forecast and the budget. */
import { figureText } from '../../collector/catalog/figure-titles.ts';
import type { Panel } from '../../collector/catalog/panel.ts';
import { comparedText } from '../../collector/catalog/titles.ts';

export const cumulativeSpend = ({ title = 'Spend', width, height = 11 }: { title?: string; width: number; height?: number }): Panel => ({
  id: 'cumulative-spend',
  title,
  description: [
    figureText('cost'),
    'The line adds up from the beginning of the time range; the dashed line is the time before, day by day.',
    comparedText,
    'The forecast is shown while the period is running: in the built-in page that of a day, week, month, quarter or year, in Grafana that of this month. Half of the outcomes lie below the median, nine of ten below the 90th percentile.',
    'A budget is shown where its scope and its period are exactly what is selected.',
  ].join(' '),
  visualization: 'cumulative',
  unit: 'usd',
  query: { source: 'ledger', figures: ['cost'], by: [], window: 'range', grain: 'hour' },
  width,
  height,
});
