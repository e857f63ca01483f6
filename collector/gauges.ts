/** The catalogue of gauges. A new gauge is one entry here: it appears on /metrics, in REST and for the boards. */
import type { Gauge } from './gauge.ts';

export const GAUGES = {} as const satisfies Record<string, Gauge>;

export type GaugeName = keyof typeof GAUGES;
export const isGauge = (name: string): name is GaugeName => Object.hasOwn(GAUGES, name);
