/** What a protobuf body will be in memory: one pass over the wire that steps over everything but the messages that become objects. */
import type { OtlpSignal } from '../../../telemetry.ts';
import type { MeasureLimits } from '../../limits.ts';
import { MalformedError } from '../decoded.ts';
import { type BodySize, type MeasuredBody, SizeTally } from '../size.ts';
import { bytes, WireReader } from './wire-reader.ts';

/**
 * Bytes on the heap of Node 26, measured on bodies of 20,000 of each: a record without attributes 263; an attribute 41 with a short key and
 * a number, 75 to 144 with texts of its own; a resource or a scope 450 to 530 with its only record. Texts cost their bytes besides.
 */
const RECORD_BYTES = 320;
const ATTRIBUTE_BYTES = 112;
const GROUP_BYTES = 512;

/** A message of the protocol as far as it becomes objects: by the tags of its fields. */
interface Message {
  readonly bytes: number;
  readonly isRecord: boolean;
  /** What is malformed inside costs this message only, as in decoding. */
  readonly isAlone: boolean;
  /** Undefined: nothing in it is looked at. */
  readonly fields?: ReadonlyMap<number, Message>;
}

const ATTRIBUTE: Message = { bytes: ATTRIBUTE_BYTES, isRecord: false, isAlone: false };
const fieldsOf = (fields: Readonly<Record<number, Message>>): ReadonlyMap<number, Message> =>
  new Map(Object.entries(fields).map(([field, message]) => [bytes(Number(field)), message]));
const record = (fields: Readonly<Record<number, Message>>): Message => ({
  bytes: RECORD_BYTES,
  isRecord: true,
  isAlone: true,
  fields: fieldsOf(fields),
});
const metricOf = (data: Readonly<Record<number, number>>): Message => {
  const points = Object.entries(data).map(([kind, attributes]): [number, Message] => [
    Number(kind),
    { bytes: 0, isRecord: false, isAlone: false, fields: fieldsOf({ 1: record({ [attributes]: ATTRIBUTE }) }) },
  ]);
  return { bytes: 0, isRecord: false, isAlone: true, fields: fieldsOf(Object.fromEntries(points)) };
};
const SHARED: Message = { bytes: 0, isRecord: false, isAlone: false, fields: fieldsOf({ 1: ATTRIBUTE }) };
const group = (fields: Readonly<Record<number, Message>>): Message => ({
  bytes: GROUP_BYTES,
  isRecord: false,
  isAlone: false,
  fields: fieldsOf(fields),
});
const requestOf = (item: Message): ReadonlyMap<number, Message> => fieldsOf({ 1: group({ 1: SHARED, 2: group({ 2: item }) }) });

const REQUESTS: Readonly<Record<OtlpSignal, ReadonlyMap<number, Message>>> = {
  logs: requestOf(record({ 6: ATTRIBUTE })),
  // By kind of metric: gauge, sum, histogram, exponential histogram, summary.
  metrics: requestOf(metricOf({ 5: 7, 7: 7, 9: 9, 10: 1, 11: 7 })),
  // Spans are counted and never built.
  traces: requestOf({ bytes: 0, isRecord: true, isAlone: false }),
};

/** Throws `too_large` as soon as a limit is exceeded, and `invalid` where decoding the whole would. */
export function measureProtobuf({ signal, body }: MeasuredBody, limits: MeasureLimits): BodySize {
  const tally = new SizeTally(limits);
  tally.addBytes(body.length);
  readFields(new WireReader(body), REQUESTS[signal], tally);
  return tally;
}

function readFields(reader: WireReader, fields: ReadonlyMap<number, Message>, tally: SizeTally): void {
  while (reader.more()) {
    const tag = reader.tag();
    const message = fields.get(tag);
    if (message === undefined) {
      reader.skip(tag);
      continue;
    }
    if (message.isRecord) tally.countRecord();
    tally.addBytes(message.bytes);
    if (message.fields === undefined) reader.skip(tag);
    else if (message.isAlone) readAlone(reader, message.fields, tally);
    else readMessage(reader, message.fields, tally);
  }
}

function readMessage(reader: WireReader, fields: ReadonlyMap<number, Message>, tally: SizeTally): void {
  const outer = reader.enter();
  readFields(reader, fields, tally);
  reader.leave(outer);
}

function readAlone(reader: WireReader, fields: ReadonlyMap<number, Message>, tally: SizeTally): void {
  reader.attempt(() => readMessage(reader, fields, tally), onlyMalformed);
}

function onlyMalformed(thrown: unknown): void {
  if (!(thrown instanceof MalformedError)) throw thrown;
}
