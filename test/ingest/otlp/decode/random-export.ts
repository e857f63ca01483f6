/** Generated exports as the plain objects protobufjs takes: every kind of value, empty and missing fields, unknown ones. */
import type { OtlpSignal } from '../../../../collector/ingest/telemetry.ts';
import type { Random } from '../../../support/random.ts';

type Plain = Record<string, unknown>;

const TEXTS = ['', 'a', 'session.id', 'claude_code.api_request', 'naïve ☕ 𝒳', 'x'.repeat(47), 'y'.repeat(300), '0.005343', 'key"with\\quotes\n'];
const LONGS = ['0', '1', '-1', '9007199254740991', '-9007199254740993', '9223372036854775807', '-9223372036854775808', '1570'];
const DOUBLES = [0, 1, -1.5, 0.1, 1e300, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const NANOS = ['0', '1', '999999', '1000000', '1763600000123000000', '1763600000123999999', '1763600000124000000', '18446744073709551615'];

const many = (random: Random, most: number, make: () => unknown): unknown[] => Array.from({ length: random.below(most + 1) }, make);

function withUnknown(random: Random, fields: Plain): Plain {
  if (!random.chance(0.3)) return fields;
  return {
    ...fields,
    zzVarint: random.below(2 ** 31),
    zzFixed64: random.pick(NANOS),
    zzBytes: Buffer.alloc(random.below(9), 255),
    zzFixed32: 7,
    zzPacked: [1, 300],
  };
}

function value(random: Random, depth: number): Plain {
  const kind = random.below(depth > 3 ? 5 : 8);
  const make = [
    () => ({}),
    () => ({ stringValue: random.pick(TEXTS) }),
    () => ({ intValue: random.pick(LONGS) }),
    () => ({ doubleValue: random.pick(DOUBLES) }),
    () => ({ boolValue: random.chance(0.5) }),
    () => ({ bytesValue: Buffer.from(random.pick(TEXTS)) }),
    () => ({ arrayValue: withUnknown(random, { values: many(random, 3, () => value(random, depth + 1)) }) }),
    () => ({ kvlistValue: { values: many(random, 3, () => attribute(random, depth + 1)) } }),
  ][kind];
  return withUnknown(random, make?.() ?? {});
}

const attribute = (random: Random, depth = 0): Plain =>
  withUnknown(random, { key: `${random.pick(TEXTS)}${random.below(30)}`, ...(random.chance(0.95) && { value: value(random, depth) }) });

const attributes = (random: Random): Plain => ({ attributes: many(random, 12, () => attribute(random)) });

const logRecord = (random: Random): Plain =>
  withUnknown(random, {
    ...attributes(random),
    timeUnixNano: random.pick(NANOS),
    observedTimeUnixNano: random.pick(NANOS),
    severityText: random.pick(TEXTS),
    eventName: random.pick(TEXTS),
    flags: random.below(2),
    ...(random.chance(0.8) && { body: value(random, 0) }),
  });

function point(random: Random): Plain {
  const number = random.pick([{}, { asDouble: random.pick(DOUBLES) }, { asInt: random.pick(LONGS) }]);
  const times = { startTimeUnixNano: random.pick(NANOS), timeUnixNano: random.pick(NANOS) };
  return withUnknown(random, { ...attributes(random), ...times, ...number, flags: random.below(3) });
}

function otherPoint(random: Random): Plain {
  return withUnknown(random, { ...attributes(random), startTimeUnixNano: random.pick(NANOS), timeUnixNano: random.pick(NANOS), count: '3' });
}

function metric(random: Random): Plain {
  const kind = random.pick(['sum', 'gauge', 'histogram', 'exponentialHistogram', 'summary']);
  const isNumber = kind === 'sum' || kind === 'gauge';
  const dataPoints = many(random, 4, () => (isNumber ? point(random) : otherPoint(random)));
  const temporality = kind === 'gauge' || kind === 'summary' ? {} : { aggregationTemporality: random.below(3) };
  const head = { name: random.pick(TEXTS), unit: random.pick(['', 'USD', 'tokens']), description: random.pick(TEXTS) };
  return withUnknown(random, { ...head, [kind]: withUnknown(random, { dataPoints, ...temporality }) });
}

const span = (random: Random): Plain => withUnknown(random, { ...attributes(random), name: random.pick(TEXTS) });

const SHAPES = {
  logs: { resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords', item: logRecord },
  metrics: { resources: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics', item: metric },
  traces: { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans', item: span },
} as const;

export function randomExport(random: Random, signal: OtlpSignal): Plain {
  const { resources, scopes, items, item } = SHAPES[signal];
  const scope = (): Plain =>
    withUnknown(random, {
      ...(random.chance(0.9) && {
        scope: withUnknown(random, { name: random.pick(TEXTS), version: random.pick(TEXTS), ...(random.chance(0.3) && attributes(random)) }),
      }),
      [items]: many(random, 5, () => item(random)),
    });
  const resource = (): Plain =>
    withUnknown(random, { ...(random.chance(0.9) && { resource: withUnknown(random, attributes(random)) }), [scopes]: many(random, 3, scope) });
  return withUnknown(random, { [resources]: many(random, 3, resource) });
}
