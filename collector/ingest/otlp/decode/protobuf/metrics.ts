/** Metric and its data points of opentelemetry.proto.metrics.v1. */
import type { AttributeValue } from '../../../attribution/claims.ts';
import type { DataPoint, Temporality } from '../../../telemetry.ts';
import type { RecordTally } from '../decoded.ts';
import { readAttribute } from './value.ts';
import { bytes, fixed64, varint, type WireReader } from './wire-reader.ts';

const NAME = bytes(1);
const UNIT = bytes(3);
const GAUGE = bytes(5);
const SUM = bytes(7);
const HISTOGRAM = bytes(9);
const EXPONENTIAL_HISTOGRAM = bytes(10);
const SUMMARY = bytes(11);

// Field 1 holds the points in every kind of metric, field 2 the temporality where there is one.
const POINTS = bytes(1);
const TEMPORALITY = varint(2);

// Start and time have the same numbers in every kind of point; the attributes do not.
const START = fixed64(2);
const TIME = fixed64(3);
const AS_DOUBLE = fixed64(4);
const AS_INT = fixed64(6);
const FLAGS = varint(8);
const NO_RECORDED_VALUE = 1;

const TYPE_OF_DATA = new Map<number, DataPoint['type']>([
  [GAUGE, 'gauge'],
  [SUM, 'sum'],
  [HISTOGRAM, 'other'],
  [EXPONENTIAL_HISTOGRAM, 'other'],
  [SUMMARY, 'other'],
]);

const ATTRIBUTES_OF_DATA = new Map([
  [GAUGE, bytes(7)],
  [SUM, bytes(7)],
  [HISTOGRAM, bytes(9)],
  [EXPONENTIAL_HISTOGRAM, bytes(1)],
  [SUMMARY, bytes(7)],
]);

const TEMPORALITIES: readonly Temporality[] = ['unspecified', 'delta', 'cumulative'];

/** What all points of one metric share. */
interface MetricHead {
  readonly message: number;
  readonly metric: string;
  readonly unit: string;
  readonly type: DataPoint['type'];
  readonly temporality: Temporality;
  readonly attributesTag: number;
}

/** Name and unit may stand behind the points, so the metric is read twice; the first reading only steps over the points. */
export function* readMetric(reader: WireReader, tally: RecordTally, into: DataPoint[]): Generator<void> {
  const outer = reader.enter();
  const start = reader.position();
  const message = tally.messages++;
  let metric = '';
  let unit = '';
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === NAME) metric = reader.text();
    else if (tag === UNIT) unit = reader.text();
    else reader.skip(tag);
  }
  reader.rewind(start);
  while (reader.more()) {
    const tag = reader.tag();
    const type = TYPE_OF_DATA.get(tag);
    if (type === undefined) reader.skip(tag);
    else yield* readPoints(reader, tally, { message, metric, unit, type, attributesTag: ATTRIBUTES_OF_DATA.get(tag) ?? 0 }, into);
  }
  reader.leave(outer);
}

function* readPoints(reader: WireReader, tally: RecordTally, head: Omit<MetricHead, 'temporality'>, into: DataPoint[]): Generator<void> {
  const outer = reader.enter();
  const start = reader.position();
  let temporality: Temporality = 'unspecified';
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === TEMPORALITY) temporality = TEMPORALITIES[reader.varint()] ?? 'unspecified';
    else reader.skip(tag);
  }
  const whole = { ...head, temporality };
  const leaveOut = (thrown: unknown): void => tally.leaveOut(thrown);
  reader.rewind(start);
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === POINTS) reader.attempt(() => readPoint(reader, tally, whole, into), leaveOut);
    else reader.skip(tag);
    const pauses = tally.pauses();
    if (pauses !== undefined) yield* pauses;
  }
  reader.leave(outer);
}

function readPoint(reader: WireReader, tally: RecordTally, head: MetricHead, into: DataPoint[]): void {
  const { message, metric, unit, type, temporality, attributesTag } = head;
  const outer = reader.enter();
  const attributes = new Map<string, AttributeValue>();
  const isNumber = type !== 'other';
  let startMs = 0;
  let timeMs = 0;
  let value = Number.NaN;
  let flags = 0;
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === attributesTag) readAttribute(reader, tag, tally, attributes);
    else if (tag === START) startMs = reader.milliseconds();
    else if (tag === TIME) timeMs = reader.milliseconds();
    else if (isNumber && tag === AS_DOUBLE) value = reader.double();
    else if (isNumber && tag === AS_INT) value = reader.sfixed64();
    else if (isNumber && tag === FLAGS) flags = reader.varint();
    else reader.skip(tag);
  }
  reader.leave(outer);
  if (flags % 2 === NO_RECORDED_VALUE) value = Number.NaN;
  if (tally.keep()) into.push({ message, metric, unit, type, temporality, startMs, timeMs, value, attributes });
}
