/** Builds OpenTelemetry metric data point by point; points of one name become one metric. */
import type { HrTime } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';

export interface Family {
  readonly name: string;
  readonly help: string;
  /** A counter, whose name ends in _total; otherwise a gauge. */
  readonly monotonic: boolean;
}

export class Families {
  readonly #time: HrTime;
  readonly #points = new Map<string, { readonly family: Family; readonly points: DataPoint<number>[] }>();

  constructor(nowMs: number) {
    this.#time = [Math.floor(nowMs / 1000), (nowMs % 1000) * 1e6];
  }

  add(family: Family, attributes: Readonly<Record<string, string>>, value: number): void {
    const known = this.#points.get(family.name) ?? { family, points: [] };
    if (known.points.length === 0) this.#points.set(family.name, known);
    known.points.push({ startTime: this.#time, endTime: this.#time, attributes, value });
  }

  metrics(): MetricData[] {
    return [...this.#points.values()].map(({ family, points }) => metricData(family, points));
  }
}

function metricData({ name, help, monotonic }: Family, dataPoints: DataPoint<number>[]): MetricData {
  const descriptor = { name, description: help, unit: '', valueType: ValueType.DOUBLE };
  const shared = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE, dataPoints };
  if (monotonic) return { ...shared, dataPointType: DataPointType.SUM, isMonotonic: true };
  return { ...shared, dataPointType: DataPointType.GAUGE };
}
