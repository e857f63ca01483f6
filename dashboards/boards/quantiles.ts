/** The columns of a forecast. */
import type { Each } from '../../collector/catalog/panel.ts';

export const FORECAST_QUANTILES: Each = {
  label: 'quantile',
  values: [
    ['0.5', 'Median'],
    ['0.9', '90th percentile'],
  ],
};
