/** No gauge is without an independent computation of what it says, or without a reason why it has none. */
import { expect, test } from '@jest/globals';
import { GAUGE_NAMES, type GaugeName } from '../../collector/catalog/gauges.ts';
import { BUDGET_ORACLES } from './oracles/budgets.ts';
import { INSTANT_ORACLES, PRICE_ORACLES } from './oracles/instants.ts';
import { SELECTION_ORACLES } from './oracles/selections.ts';

/** A forecast is a model of the future: test/budgets/forecast.test.ts holds it to worked examples, forecasts.test.ts its readings to each other. */
const IS_FORECAST = 'one model, held to worked examples, and every reading of it to the others';
const REASONS: Readonly<Partial<Record<GaugeName, string>>> = {
  forecast: IS_FORECAST,
  budget_forecast: IS_FORECAST,
  budget_forecast_tokens: IS_FORECAST,
  budget_forecast_ratio: IS_FORECAST,
  budget_breach: IS_FORECAST,
  budget_alert_time: 'text of instants that have an oracle (budget_period_end) or are a forecast; test/query/gauges/budgets.test.ts has the words',
  anomaly: 'each detector has its cases in test/alerts/anomalies/detect.test.ts',
  anomaly_figure: 'the figures of the same cases',
  rate_limited_requests: 'counts failures of one status, which generated entries have none of: test/query/gauges/rates.test.ts has the cases',
  records: 'counts deliveries, not entries: test/query/gauges/trust.test.ts, and the contract of the store',
};

test('every gauge has an oracle, or a reason', () => {
  const oracles = [...SELECTION_ORACLES, ...[INSTANT_ORACLES, PRICE_ORACLES, BUDGET_ORACLES].flatMap((some) => Object.keys(some))];
  expect(GAUGE_NAMES.filter((name) => !oracles.includes(name) && REASONS[name] === undefined)).toEqual([]);
  expect(oracles.filter((name) => Object.keys(REASONS).includes(name))).toEqual([]);
  expect(new Set(oracles).size).toBe(oracles.length);
});
