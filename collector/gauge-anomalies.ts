/** What is unusual by a scope's own past, as a gauge: the alert rules of Prometheus read it. */
import { scopeText } from './alert.ts';
import { findAnomalies } from './anomaly.ts';
import { type Gauge, isWithin, MINUTE_MS } from './gauge.ts';
import { isDimension } from './measures.ts';
import { GAUGE_SERIES as SERIES } from './names.ts';

export const ANOMALY_GAUGES = {
  anomaly: {
    series: SERIES.anomaly,
    help: '1 while something is unusual by its own past: unusual spend, a runaway session, a new model, a collapsed prompt cache, stopped telemetry.',
    labels: ['kind', 'scope', 'severity', 'team'],
    unit: 'count',
    maxAgeMs: 5 * MINUTE_MS,
    read({ reader, calendar, nowMs, where }) {
      return findAnomalies({ reader, calendar, nowMs })
        .filter(({ scope: { dimension, value } }) => isWithin(where, isDimension(dimension) ? { [dimension]: value } : {}))
        .map(({ kind, scope, severity }) => ({
          labels: [kind, scopeText(scope), severity, scope.dimension === 'team' ? scope.value : ''],
          value: 1,
        }));
    },
  },
} as const satisfies Record<string, Gauge>;
