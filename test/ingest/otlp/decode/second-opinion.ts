/** What an export means, read by protobufjs and turned into our type by code that shares nothing with the reader under test. */
import type protobuf from 'protobufjs';
import type { Attributes, AttributeValue } from '../../../../collector/ingest/attribution/claims.ts';
import type { DataPoint, Export, LogRecord, OtlpSignal, ScopeRecords, Temporality } from '../../../../collector/ingest/telemetry.ts';
import { MESSAGES } from './otlp-schema.ts';

// What protobufjs returns is untyped by nature.
type Plain = Record<string, unknown>;
const plain = (value: unknown): Plain => (value ?? {}) as Plain;
const list = (value: unknown): Plain[] => (value ?? []) as Plain[];
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const UNITS = [
  [10n ** 17n, 1_000_000n],
  [10n ** 14n, 1_000n],
  [10n ** 11n, 1n],
] as const;

/** Nanoseconds, or microseconds, milliseconds or seconds where the number can be no nanoseconds since the epoch. */
function ms(value: unknown): number {
  const time = BigInt(text(value) || '0');
  const unit = UNITS.find(([least]) => time >= least);
  if (unit !== undefined) return Number(time / unit[1]);
  return time >= 10n ** 8n ? Number(time * 1_000n) : 0;
}

export const toPlain = (type: protobuf.Type, body: Uint8Array): Plain => type.toObject(type.decode(body), { longs: String, bytes: String });

function jsonValue(value: unknown): unknown {
  const any = plain(value);
  if (any.arrayValue !== undefined) return list(plain(any.arrayValue).values).map(jsonValue);
  if (any.kvlistValue !== undefined)
    return Object.fromEntries(list(plain(any.kvlistValue).values).map(({ key, value }) => [text(key), jsonValue(value)]));
  if (any.intValue !== undefined) return Number(any.intValue);
  const scalar = any.stringValue ?? any.boolValue ?? any.doubleValue ?? any.bytesValue ?? null;
  return typeof scalar === 'number' && !Number.isFinite(scalar) ? String(scalar) : scalar;
}

/** Arrays and maps are compared as what their JSON text means, so these are JSON.parse'd on our side too. */
function attributeValue(value: unknown): AttributeValue | undefined {
  const any = plain(value);
  if (any.arrayValue !== undefined || any.kvlistValue !== undefined) return JSON.stringify(jsonValue(any));
  if (any.intValue !== undefined) return Number(any.intValue);
  return (any.stringValue ?? any.boolValue ?? any.doubleValue ?? any.bytesValue) as AttributeValue | undefined;
}

function attributes(owner: Plain): Attributes {
  const result = new Map<string, AttributeValue>();
  for (const { key, value } of list(owner.attributes)) {
    const read = attributeValue(value);
    if (read !== undefined) result.set(text(key), read);
  }
  return result;
}

function logRecord(record: Plain): LogRecord {
  const [timeMs, observedMs] = [ms(record.timeUnixNano), ms(record.observedTimeUnixNano)];
  return { timeMs, observedMs, eventName: text(record.eventName), body: text(plain(record.body).stringValue), attributes: attributes(record) };
}

const TEMPORALITIES: readonly Temporality[] = ['unspecified', 'delta', 'cumulative'];

function pointsOf(metric: Plain, message: number): DataPoint[] {
  const kind = ['sum', 'gauge', 'histogram', 'exponentialHistogram', 'summary'].find((name) => metric[name] !== undefined) ?? 'summary';
  const data = plain(metric[kind]);
  const type = kind === 'sum' || kind === 'gauge' ? kind : 'other';
  return list(data.dataPoints).map((point) => {
    const isSilent = type === 'other' || Number(point.flags ?? 0) % 2 === 1;
    return {
      message,
      metric: text(metric.name),
      unit: text(metric.unit),
      type,
      temporality: TEMPORALITIES[Number(data.aggregationTemporality ?? 0)] ?? 'unspecified',
      startMs: ms(point.startTimeUnixNano),
      timeMs: ms(point.timeUnixNano),
      value: isSilent ? Number.NaN : Number(point.asDouble ?? point.asInt ?? Number.NaN),
      attributes: attributes(point),
    };
  });
}

function scopesOf<Item>(request: Plain, names: readonly [string, string, string], read: (item: Plain) => Item[]): ScopeRecords<Item>[] {
  return list(request[names[0]])
    .flatMap((resource) =>
      list(resource[names[1]]).map((group) => ({
        resource: new Map([...attributes(plain(resource.resource)), ...attributes(plain(group.scope))]),
        scopeName: text(plain(group.scope).name),
        scopeVersion: text(plain(group.scope).version),
        records: list(group[names[2]]).flatMap(read),
      })),
    )
    .filter(({ records }) => records.length > 0);
}

export function secondOpinion(signal: OtlpSignal, body: Uint8Array): Export {
  const request = toPlain(MESSAGES[signal], body);
  if (signal === 'logs') return { signal, scopes: scopesOf(request, ['resourceLogs', 'scopeLogs', 'logRecords'], (item) => [logRecord(item)]) };
  let messages = 0;
  if (signal === 'metrics')
    return { signal, scopes: scopesOf(request, ['resourceMetrics', 'scopeMetrics', 'metrics'], (metric) => pointsOf(metric, messages++)) };
  const spans = scopesOf(request, ['resourceSpans', 'scopeSpans', 'spans'], (item) => [item]).reduce((sum, scope) => sum + scope.records.length, 0);
  return { signal, spans, scopes: [] };
}

/** JSON text of arrays and maps in one spelling, so that key order and number spelling do not matter. */
export function normalized(received: Export): unknown {
  const value = (given: AttributeValue): unknown => (typeof given === 'string' && /^[[{]/.test(given) ? { json: JSON.parse(given) } : given);
  const map = (given: Attributes): unknown => Object.fromEntries([...given].map(([key, one]) => [key, value(one)]));
  if (received.signal === 'traces') return received;
  const scopes: readonly ScopeRecords<LogRecord | DataPoint>[] = received.scopes;
  return scopes.map(({ resource, records, ...scope }) => ({
    ...scope,
    resource: map(resource),
    records: records.map(({ attributes, ...record }) => ({ ...record, attributes: map(attributes) })),
  }));
}
