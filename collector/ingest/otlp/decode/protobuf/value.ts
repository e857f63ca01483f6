/** KeyValue and AnyValue of opentelemetry.proto.common.v1. Field numbers are the standard's. */
import type { Attributes, AttributeValue } from '../../../attribution/claims.ts';
import { fits, numberText, type RecordTally } from '../decoded.ts';
import { bytes, fixed64, varint, type WireReader } from './wire-reader.ts';

const KEY = bytes(1);
const VALUE = bytes(2);
const STRING = bytes(1);
const BOOL = varint(2);
const INT = varint(3);
const DOUBLE = fixed64(4);
const ARRAY = bytes(5);
const MAP = bytes(6);
const BYTES = bytes(7);
const ITEM = bytes(1);

/** Reads the KeyValue behind `tag` into `into`. What breaks a limit is left out and noted in the tally. */
export function readAttribute(reader: WireReader, tag: number, tally: RecordTally, into: Map<string, AttributeValue>): void {
  if (into.size >= tally.limits.attributes_per_record) {
    tally.violation = 'limits.attributes_per_record';
    reader.skip(tag);
    return;
  }
  const outer = reader.enter();
  let key = '';
  let value: AttributeValue | undefined;
  while (reader.more()) {
    const part = reader.tag();
    if (part === KEY) key = reader.text();
    else if (part === VALUE) value = readValue(reader, tally);
    else reader.skip(part);
  }
  reader.leave(outer);
  tally.countAttribute();
  if (value !== undefined) into.set(key, value);
}

/** One AnyValue; undefined when it is empty or breaks a limit. */
function readValue(reader: WireReader, tally: RecordTally): AttributeValue | undefined {
  const outer = reader.enter();
  const large = reader.remaining() > tally.limits.attribute_value_bytes;
  let value: AttributeValue | undefined;
  while (reader.more()) {
    const tag = reader.tag();
    if (large && isTooLong(reader, tag, tally)) continue;
    switch (tag) {
      case STRING:
        value = reader.text();
        break;
      case INT:
        value = reader.int64();
        break;
      case DOUBLE:
        value = reader.double();
        break;
      case BOOL:
        value = reader.varint() !== 0;
        break;
      default:
        value = readRareValue(reader, tag, tally) ?? value;
    }
  }
  reader.leave(outer);
  return value;
}

function isTooLong(reader: WireReader, tag: number, tally: RecordTally): boolean {
  if ((tag & 7) !== 2 || reader.peekLength() <= tally.limits.attribute_value_bytes) return false;
  tally.violation = 'limits.attribute_value_bytes';
  reader.skip(tag);
  return true;
}

function readRareValue(reader: WireReader, tag: number, tally: RecordTally): string | undefined {
  if (tag === BYTES) return reader.base64();
  if (tag === ARRAY) return bounded(arrayText(reader, tally, 1), tally);
  if (tag === MAP) return bounded(mapText(reader, tally, 1), tally);
  reader.skip(tag);
  return undefined;
}

/** JSON text is longer than what it says: six bytes for some characters. */
function bounded(text: string, tally: RecordTally): string | undefined {
  if (fits(text, tally.limits.attribute_value_bytes)) return text;
  tally.violation = 'limits.attribute_value_bytes';
  return undefined;
}

/** An AnyValue inside an array or map, as JSON text. */
function valueText(reader: WireReader, tally: RecordTally, depth: number): string {
  const outer = reader.enter();
  let text = 'null';
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === STRING) text = JSON.stringify(reader.text());
    else if (tag === INT) text = numberText(reader.int64());
    else if (tag === DOUBLE) text = numberText(reader.double());
    else if (tag === BOOL) text = reader.varint() === 0 ? 'false' : 'true';
    else if (tag === BYTES) text = `"${reader.base64()}"`;
    else if (tag === ARRAY) text = arrayText(reader, tally, depth + 1);
    else if (tag === MAP) text = mapText(reader, tally, depth + 1);
    else reader.skip(tag);
  }
  reader.leave(outer);
  return text;
}

function arrayText(reader: WireReader, tally: RecordTally, depth: number): string {
  return itemsText(reader, tally, depth, '[]', () => valueText(reader, tally, depth));
}

function mapText(reader: WireReader, tally: RecordTally, depth: number): string {
  return itemsText(reader, tally, depth, '{}', () => entryText(reader, tally, depth));
}

function entryText(reader: WireReader, tally: RecordTally, depth: number): string {
  const outer = reader.enter();
  let key = '';
  let value = 'null';
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === KEY) key = reader.text();
    else if (tag === VALUE) value = valueText(reader, tally, depth);
    else reader.skip(tag);
  }
  reader.leave(outer);
  return `${JSON.stringify(key)}:${value}`;
}

function itemsText(reader: WireReader, tally: RecordTally, depth: number, brackets: '[]' | '{}', readItem: () => string): string {
  if (depth > tally.limits.nesting) {
    tally.violation = 'limits.nesting';
    reader.skip(ARRAY);
    return 'null';
  }
  const outer = reader.enter();
  const items: string[] = [];
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === ITEM) items.push(readItem());
    else reader.skip(tag);
  }
  reader.leave(outer);
  return brackets[0] + items.join(',') + brackets[1];
}

/** Resource or InstrumentationScope attributes, whose field number differs. */
export function readSharedAttributes(reader: WireReader, tally: RecordTally, field: number, what: string): Attributes {
  const outer = reader.enter();
  const attributes = new Map<string, AttributeValue>();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === field) readAttribute(reader, tag, tally, attributes);
    else reader.skip(tag);
  }
  reader.leave(outer);
  tally.assertShared(what);
  return attributes;
}
