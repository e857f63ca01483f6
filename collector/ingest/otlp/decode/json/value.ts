/** KeyValue and AnyValue in JSON. Renders arrays and maps to the same text as protobuf/value.ts. */
import type { Attributes, AttributeValue } from '../../../attribution/claims.ts';
import { fits, MalformedError, numberText, type RecordTally } from '../decoded.ts';
import type { JsonObject } from './fields.ts';

export function readAttributes(owner: JsonObject, tally: RecordTally): Attributes {
  const attributes = new Map<string, AttributeValue>();
  for (const attribute of owner.objects('attributes')) {
    if (!readAttribute(attribute, tally, attributes)) break;
  }
  return attributes;
}

/** False when there is no room for more. */
function readAttribute(attribute: JsonObject, tally: RecordTally, into: Map<string, AttributeValue>): boolean {
  if (into.size >= tally.limits.attributes_per_record) {
    tally.violation = 'limits.attributes_per_record';
    return false;
  }
  tally.countAttribute();
  const key = attribute.text('key') ?? '';
  const value = readValue(attribute.object('value'), tally);
  if (value !== undefined) into.set(key, value);
  return true;
}

/** One that is malformed is left out: it is nothing that all records below should be lost for. */
export function readSharedAttributes(owner: JsonObject | undefined, tally: RecordTally, what: string): Attributes {
  if (owner === undefined) return new Map();
  const attributes = new Map<string, AttributeValue>();
  owner.each('attributes', (attribute) => void readAttribute(attribute, tally, attributes), onlyMalformed);
  tally.assertShared(what);
  return attributes;
}

function onlyMalformed(thrown: unknown): void {
  if (!(thrown instanceof MalformedError)) throw thrown;
}

function readValue(value: JsonObject | undefined, tally: RecordTally): AttributeValue | undefined {
  if (value === undefined) return undefined;
  const scalar = readScalar(value) ?? value.text('bytesValue') ?? nestedText(value, tally, 1);
  if (typeof scalar !== 'string' || fits(scalar, tally.limits.attribute_value_bytes)) return scalar;
  tally.violation = 'limits.attribute_value_bytes';
  return undefined;
}

/**
 * A value of another type than its field says is taken as it is: in an attribute that nobody reads it does no harm, and who reads it says
 * what is wrong with it.
 */
function readScalar(value: JsonObject): AttributeValue | undefined {
  return (
    value.scalar('stringValue') ??
    readNumber(value.scalar('intValue'), INTEGER) ??
    readNumber(value.scalar('doubleValue'), DECIMAL) ??
    value.scalar('boolValue')
  );
}

const INTEGER = /^-?\d{1,20}$/;
const DECIMAL = /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|-?Infinity|NaN)$/;

/** An int64 becomes a double: exact up to 2^53. */
const readNumber = (value: AttributeValue | undefined, form: RegExp): AttributeValue | undefined =>
  typeof value === 'string' && form.test(value) ? Number(value) : value;

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
