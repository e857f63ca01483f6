/** The catalogue of gauges. A new gauge is one entry of a gauge-*.ts file: it appears on /metrics, in REST and for the boards. */

import { ANOMALY_GAUGES } from './anomalies.ts';
import { BUDGET_GAUGES } from './budgets.ts';
import { BUDGET_PAST_GAUGES } from './budgets-past.ts';
import { COST_GAUGES } from './cost.ts';
import type { Gauge } from './gauge.ts';
import { HOUR_GAUGES } from './hours.ts';
import { PEOPLE_GAUGES } from './people.ts';
import { PRICE_GAUGES } from './prices.ts';
import { RATE_GAUGES } from './rates.ts';
import { SESSION_GAUGES } from './sessions.ts';
import { SPREAD_GAUGES } from './spread.ts';
import { TRUST_GAUGES } from './trust.ts';

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
