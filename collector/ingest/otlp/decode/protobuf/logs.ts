/** LogRecord of opentelemetry.proto.logs.v1. */
import type { AttributeValue } from '../../../attribution/claims.ts';
import type { LogRecord } from '../../../telemetry.ts';
import type { RecordTally } from '../decoded.ts';
import { readAttribute } from './value.ts';
import { bytes, fixed64, type WireReader } from './wire-reader.ts';

const TIME = fixed64(1);
const BODY = bytes(5);
const BODY_STRING = bytes(1);
const ATTRIBUTE = bytes(6);
const OBSERVED_TIME = fixed64(11);
const EVENT_NAME = bytes(12);

export function readLogRecord(reader: WireReader, tally: RecordTally): LogRecord {
  const outer = reader.enter();
  const attributes = new Map<string, AttributeValue>();
  let timeMs = 0;
  let observedMs = 0;
  let eventName = '';
  let body = '';
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === ATTRIBUTE) readAttribute(reader, tag, tally, attributes);
    else if (tag === TIME) timeMs = reader.milliseconds();
    else if (tag === OBSERVED_TIME) observedMs = reader.milliseconds();
    else if (tag === BODY) body = readBody(reader);
    else if (tag === EVENT_NAME) eventName = reader.text();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { timeMs, observedMs, eventName, body, attributes };
}

function readBody(reader: WireReader): string {
  const outer = reader.enter();
  let body = '';
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === BODY_STRING) body = reader.text();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return body;
}
