/** Span of opentelemetry.proto.trace.v1: what counts usage. Events, links and state are skipped. */
import type { AttributeValue } from '../../../attribution/claims.ts';
import type { Span } from '../../../telemetry.ts';
import type { RecordTally } from '../decoded.ts';
import { readAttribute } from './value.ts';
import { bytes, fixed64, type WireReader } from './wire-reader.ts';

const NAME = bytes(5);
const START = fixed64(7);
const END = fixed64(8);
const ATTRIBUTE = bytes(9);

export function readSpan(reader: WireReader, tally: RecordTally): Span {
  const outer = reader.enter();
  const attributes = new Map<string, AttributeValue>();
  let [name, startMs, endMs] = ['', 0, 0];
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === ATTRIBUTE) readAttribute(reader, tag, tally, attributes);
    else if (tag === NAME) name = reader.text();
    else if (tag === START) startMs = reader.milliseconds();
    else if (tag === END) endMs = reader.milliseconds();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { name, startMs, endMs, attributes };
}
