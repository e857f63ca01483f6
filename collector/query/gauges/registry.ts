/** Puts each gauge of the catalog and its reading together. A new gauge is one entry of catalog/gauges.ts and one reading here. */

import { GAUGES, type GaugeName } from '../../catalog/gauges.ts';
import { ANOMALY_READINGS } from './anomalies.ts';
import { BUDGET_ALERT_READINGS } from './budget-alerts.ts';
import { BUDGET_READINGS } from './budgets.ts';
import { BUDGET_PAST_READINGS } from './budgets-past.ts';
import { COST_READINGS } from './cost.ts';
import type { Gauge, GaugeReading } from './gauge.ts';
import { HOUR_READINGS } from './hours.ts';
import { PEOPLE_READINGS } from './people.ts';
import { PERIOD_READINGS } from './periods.ts';
import { PRICE_READINGS } from './prices.ts';
import { RATE_READINGS } from './rates.ts';
import { SESSION_READINGS } from './sessions.ts';
import { SPREAD_READINGS } from './spread.ts';
import { TRUST_READINGS } from './trust.ts';

const READINGS = {
  ...PEOPLE_READINGS,
  ...HOUR_READINGS,
  ...RATE_READINGS,
  ...SESSION_READINGS,
  ...COST_READINGS,
  ...PERIOD_READINGS,
  ...SPREAD_READINGS,
  ...PRICE_READINGS,
  ...TRUST_READINGS,
  ...BUDGET_READINGS,
  ...BUDGET_PAST_READINGS,
  ...BUDGET_ALERT_READINGS,
  ...ANOMALY_READINGS,
} satisfies Record<GaugeName, GaugeReading>;

const readable = (name: GaugeName): Gauge => ({ ...GAUGES[name], ...READINGS[name] });

/** Every declared gauge with its reading; one without a reading does not compile. */
export const GAUGE_READERS: Readonly<Record<GaugeName, Gauge>> = Object.fromEntries(
  (Object.keys(GAUGES) as GaugeName[]).map((name) => [name, readable(name)]),
) as Record<GaugeName, Gauge>;
