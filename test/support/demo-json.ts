/** What a demo client sends, as OTLP in JSON; the demo itself sends protobuf. */
import {
  type DemoAttributes,
  type DemoExport,
  type DemoLogs,
  type DemoMetrics,
  type DemoValue,
  EVENTS_SCOPE,
  METRICS_SCOPE,
  PREFIX,
  TEMPORALITY,
} from '../../collector/demo/wire.ts';

/** One request body with several clients' exports of one signal, like encodeProtobuf. */
export function encodeJson(exports: readonly DemoExport[]): string {
  const logs = exports.flatMap((sent) => (sent.signal === 'logs' ? [jsonLogs(sent)] : []));
  const metrics = exports.flatMap((sent) => (sent.signal === 'metrics' ? [jsonMetrics(sent)] : []));
  return JSON.stringify(logs.length > 0 ? { resourceLogs: logs } : { resourceMetrics: metrics });
}

function jsonLogs({ process, logs }: DemoLogs): unknown {
  const records = logs.map((log) => ({
    timeUnixNano: nanos(log.timeMs),
    observedTimeUnixNano: nanos(log.timeMs),
    body: { stringValue: PREFIX + log.event },
    attributes: jsonAttributes([...process.standard, ...log.attributes]),
    droppedAttributesCount: 0,
  }));
  const scopeLogs = [{ scope: { name: EVENTS_SCOPE, version: process.version }, logRecords: records }];
  return { resource: { attributes: jsonAttributes(process.resource), droppedAttributesCount: 0 }, scopeLogs };
}

function jsonMetrics({ process, metrics }: DemoMetrics): unknown {
  const rendered = metrics.map(({ name, unit, points }) => ({
    name: PREFIX + name,
    description: '',
    unit,
    sum: {
      aggregationTemporality: TEMPORALITY[process.temporality],
      isMonotonic: true,
      dataPoints: points.map((point) => ({
        attributes: jsonAttributes([...process.standard, ...point.attributes]),
        startTimeUnixNano: nanos(point.startMs),
        timeUnixNano: nanos(point.timeMs),
        asDouble: point.value,
      })),
    },
  }));
  const scopeMetrics = [{ scope: { name: METRICS_SCOPE, version: process.version }, metrics: rendered }];
  return { resource: { attributes: jsonAttributes(process.resource), droppedAttributesCount: 0 }, scopeMetrics };
}

const nanos = (ms: number): string => `${ms}000000`;

const jsonAttributes = (list: DemoAttributes): unknown => list.map(([key, value]) => ({ key, value: jsonValue(value) }));

function jsonValue(value: DemoValue): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return typeof value === 'number' ? { intValue: value } : { doubleValue: value.double };
}
