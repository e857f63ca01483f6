/** Metric and its data points in JSON. */
import type { DataPoint } from '../../../telemetry.ts';
import type { Pauses, RecordTally } from '../decoded.ts';
import type { JsonObject } from './fields.ts';
import { readAttributes } from './value.ts';

const TYPE_OF_DATA = [
  ['sum', 'sum'],
  ['gauge', 'gauge'],
  ['histogram', 'other'],
  ['exponentialHistogram', 'other'],
  ['summary', 'other'],
] as const satisfies readonly (readonly [string, DataPoint['type']])[];

export function* readMetric(metric: JsonObject, tally: RecordTally, into: DataPoint[]): Generator<void> {
  const name = metric.text('name') ?? '';
  const unit = metric.optionalText('unit');
  const message = tally.messages++;
  for (const [field, type] of TYPE_OF_DATA) {
    const data = metric.object(field);
    if (data === undefined) continue;
    const temporality = data.choice('aggregationTemporality', 'AGGREGATION_TEMPORALITY_', ['unspecified', 'delta', 'cumulative']);
    const read = (point: JsonObject): Pauses => {
      const decoded = { message, metric: name, unit, type, temporality, ...readPoint(point, type, tally) };
      if (tally.keep()) into.push(decoded);
      return tally.pauses();
    };
    yield* data.eachInTurns('dataPoints', read, (thrown) => tally.leaveOut(thrown));
  }
}

function readPoint(point: JsonObject, type: DataPoint['type'], tally: RecordTally): Pick<DataPoint, 'startMs' | 'timeMs' | 'value' | 'attributes'> {
  return {
    startMs: point.milliseconds('startTimeUnixNano'),
    timeMs: point.milliseconds('timeUnixNano'),
    value: type === 'other' ? Number.NaN : readNumber(point),
    attributes: readAttributes(point, tally),
  };
}

/** The lowest flag says that the point stands for "no value was recorded". */
function readNumber(point: JsonObject): number {
  if ((point.integer('flags') ?? 0) % 2 === 1) return Number.NaN;
  return point.number('asDouble') ?? point.integer('asInt') ?? Number.NaN;
}
