/** The catalogue of gauges. A new gauge is one entry of a gauge-*.ts file: it appears on /metrics, in REST and for the boards. */
import type { Gauge } from './gauge.ts';
import { ANOMALY_GAUGES } from './gauge-anomalies.ts';
import { BUDGET_PAST_GAUGES } from './gauge-budget-past.ts';
import { BUDGET_GAUGES } from './gauge-budgets.ts';
import { COST_GAUGES } from './gauge-cost.ts';
import { HOUR_GAUGES } from './gauge-hours.ts';
import { PEOPLE_GAUGES } from './gauge-people.ts';
import { PRICE_GAUGES } from './gauge-prices.ts';
import { RATE_GAUGES } from './gauge-rates.ts';
import { SESSION_GAUGES } from './gauge-sessions.ts';
import { SPREAD_GAUGES } from './gauge-spread.ts';
import { TRUST_GAUGES } from './gauge-trust.ts';

export const GAUGES = {
  ...PEOPLE_GAUGES,
  ...HOUR_GAUGES,
  ...RATE_GAUGES,
  ...SESSION_GAUGES,
  ...COST_GAUGES,
  ...SPREAD_GAUGES,
  ...PRICE_GAUGES,
  ...TRUST_GAUGES,
  ...BUDGET_GAUGES,
  ...BUDGET_PAST_GAUGES,
  ...ANOMALY_GAUGES,
} as const satisfies Record<string, Gauge>;

export type GaugeName = keyof typeof GAUGES;
export const isGauge = (name: string): name is GaugeName => Object.hasOwn(GAUGES, name);
