/** What a forecast is shown by: columns of a table, or single figures. */
import type { Each, Panel } from '../../collector/catalog/panel.ts';
import { gaugeStat } from '../panels/gauge.ts';

export const FORECAST_QUANTILES: Each = {
  label: 'quantile',
  values: [
    ['0.5', 'Median'],
    ['0.9', '90th percentile'],
  ],
};

const NONE = 'Too little history for a forecast.';

/** This month's forecast, each quantile as a figure of its own. */
export const forecastStats = (width: number): Panel[] => [
  gaugeStat('forecast', { id: 'forecast-p50', title: 'Month-end forecast (median)', where: { quantile: '0.5' }, empty: NONE, width }),
  gaugeStat('forecast', { id: 'forecast-p90', title: 'Month-end forecast (90th percentile)', where: { quantile: '0.9' }, empty: NONE, width }),
];
