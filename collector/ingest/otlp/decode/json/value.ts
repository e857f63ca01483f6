/** KeyValue and AnyValue in JSON. Renders arrays and maps to the same text as protobuf/value.ts. */
import type { Attributes, AttributeValue } from '../../../attribution/claims.ts';
import { numberText, type RecordTally } from '../decoded.ts';
import type { JsonObject } from './fields.ts';

export function readAttributes(owner: JsonObject, tally: RecordTally): Attributes {
  const attributes = new Map<string, AttributeValue>();
  for (const attribute of owner.objects('attributes')) {
    if (attributes.size >= tally.limits.attributes_per_record) {
      tally.violation = 'limits.attributes_per_record';
      break;
    }
    const key = attribute.text('key') ?? '';
    const value = readValue(attribute.object('value'), tally);
    if (value !== undefined) attributes.set(key, value);
  }
  return attributes;
}

export function readSharedAttributes(owner: JsonObject | undefined, tally: RecordTally, what: string): Attributes {
  if (owner === undefined) return new Map();
  const attributes = readAttributes(owner, tally);
  tally.assertShared(what);
  return attributes;
}

function readValue(value: JsonObject | undefined, tally: RecordTally): AttributeValue | undefined {
  if (value === undefined) return undefined;
  const scalar = readScalar(value) ?? value.text('bytesValue') ?? nestedText(value, tally, 1);
  if (typeof scalar !== 'string' || fits(scalar, tally.limits.attribute_value_bytes)) return scalar;
  tally.violation = 'limits.attribute_value_bytes';
  return undefined;
}

const readScalar = (value: JsonObject): AttributeValue | undefined =>
  value.text('stringValue') ?? value.integer('intValue') ?? value.number('doubleValue') ?? value.boolean('boolValue');

// A UTF-16 unit takes at most three bytes of UTF-8, so most strings need no counting.
const fits = (text: string, limit: number): boolean => text.length * 3 <= limit || Buffer.byteLength(text) <= limit;

function valueText(value: JsonObject | undefined, tally: RecordTally, depth: number): string {
  if (value === undefined) return 'null';
  const scalar = readScalar(value) ?? value.text('bytesValue');
  if (typeof scalar === 'number') return numberText(scalar);
  if (scalar !== undefined) return JSON.stringify(scalar);
  return nestedText(value, tally, depth + 1) ?? 'null';
}

function nestedText(value: JsonObject, tally: RecordTally, depth: number): string | undefined {
  const array = value.object('arrayValue');
  const map = array === undefined ? value.object('kvlistValue') : undefined;
  const nested = array ?? map;
  if (nested === undefined) return undefined;
  if (depth > tally.limits.nesting) {
    tally.violation = 'limits.nesting';
    return 'null';
  }
  const items: string[] = [];
  if (map !== undefined) for (const entry of map.objects('values')) items.push(entryText(entry, tally, depth));
  if (array !== undefined) for (const item of array.objects('values')) items.push(valueText(item, tally, depth));
  return map === undefined ? `[${items.join(',')}]` : `{${items.join(',')}}`;
}

const entryText = (entry: JsonObject, tally: RecordTally, depth: number): string =>
  `${JSON.stringify(entry.text('key') ?? '')}:${valueText(entry.object('value'), tally, depth)}`;
