/** The month-end forecast beside cumulative spend, where the time range begins with the current month. */
import { GAUGES } from '../../collector/catalog/gauges.ts';
import type { Panel } from '../../collector/catalog/panel.ts';
import { CUMULATIVE_STEP, RANGE_START } from './cumulative-targets.ts';
import { gaugeOfSelection } from './gauge-targets.ts';
import { newest } from './readings.ts';
import type { Surroundings } from './surroundings.ts';
import type { Target } from './target.ts';
import { NOT_NARROWED, selector } from './variables.ts';

const QUANTILES = [
  ['0.5', 'Forecast'],
  ['0.9', 'Forecast, 90th percentile'],
] as const;

/** One line each, as high as the forecast was then. Of several organizations or teams that are chosen each has its own: forecasts do not add up. */
export const forecastTargets = ({ unit }: Panel, surroundings: Surroundings): Target[] =>
  QUANTILES.map(([quantile, title]) => {
    const forecast = gaugeOfSelection(GAUGES.forecast.series, [`quantile="${quantile}"`], surroundings, newest);
    const began = `${newest(selector(GAUGES.period_start.series, ['period="month"'], NOT_NARROWED))} == ${RANGE_START}`;
    return {
      unit,
      step: CUMULATIVE_STEP,
      labels: ['organization', 'team'],
      key: `forecast ${quantile}`,
      title,
      legend: `${title} {{organization}} {{team}}`,
      expr: `${forecast} and on () (${began})`,
    };
  });
