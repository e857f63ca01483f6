/** What is unusual now, as gauges. */
import { scopeText, teamOf } from '../../alerts/alert.ts';
import { findAnomalies } from '../../alerts/anomalies/detect.ts';
import type { GaugeName } from '../../catalog/gauges.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import { type GaugeContext, type GaugeReading, largestOfEach, oncePerContext } from './gauge.ts';

/** What is unusual is found in the hours of weeks. */
const ANOMALY_AGE_MS = 5 * MINUTE_MS;

const anomalies = oncePerContext((context: GaugeContext) => findAnomalies(context));

/** What is unusual is found in the whole ledger: a narrowed board, and who sees a part, have no answer of their own. */
const shown = async (context: GaugeContext) => (context.where.length > 0 || context.scope !== 'all' ? [] : anomalies(context));

export const ANOMALY_READINGS = {
  anomaly: {
    maxAgeMs: ANOMALY_AGE_MS,
    together: 'anomalies',
    async read(context) {
      const labels = (await shown(context)).map((anomaly) => [anomaly.kind, scopeText(anomaly.scope), anomaly.severity, teamOf(anomaly)]);
      return largestOfEach(labels.map((own) => ({ labels: own, value: 1 })));
    },
  },
  anomaly_figure: {
    maxAgeMs: ANOMALY_AGE_MS,
    together: 'anomalies',
    async read(context) {
      const samples = (await shown(context)).flatMap(({ kind, scope, figures }) =>
        Object.entries(figures).map(([figure, value]) => ({
          labels: [kind, scopeText(scope), figure],
          value: typeof value === 'number' ? value : usdOf(figure, value),
        })),
      );
      return largestOfEach(samples.filter(({ value }) => Number.isFinite(value)));
    },
  },
} satisfies Partial<Record<GaugeName, GaugeReading>>;

/** Money is a decimal string; other texts, such as a name, are no figures of a series. */
const usdOf = (figure: string, value: string): number => (figure.endsWith('_usd') ? Number(value) : Number.NaN);
