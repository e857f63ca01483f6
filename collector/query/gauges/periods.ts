/** When the periods that figures to date and forecasts are of began: a dashboard finds out with it whether its time range is one of them. */
import type { GaugeName } from '../../catalog/gauges.ts';
import { periodAround } from '../../core/time-range.ts';
import type { GaugeReading } from './gauge.ts';

const PERIODS = ['day', 'week', 'month'] as const;

export const PERIOD_READINGS = {
  period_start: {
    maxAgeMs: 0,
    read: async ({ nowMs, calendar }) => PERIODS.map((period) => ({ labels: [period], value: periodAround(period, nowMs, calendar).fromMs / 1000 })),
  },
} satisfies Partial<Record<GaugeName, GaugeReading>>;
