/** What a JSON body will be in memory: one pass over its structural characters, before the parser builds an object for any of them. */
import { LedgerlineError } from '../../../../core/error.ts';
import type { OtlpSignal } from '../../../telemetry.ts';
import type { MeasureLimits } from '../../limits.ts';
import { type BodySize, type MeasuredBody, SizeTally } from '../size.ts';

/**
 * Bytes on the heap of Node 26 for what is parsed and then decoded, measured on bodies of 20,000 of each: `{}` 64, `[]` 40,
 * `{"a":1}` 40, with a key of its own 190; an attribute 132 parsed and 85 decoded. The text itself is there besides.
 */
const OBJECT_BYTES = 100;
const FIELD_BYTES = 48;
const ITEM_BYTES = 8;

/** Objects this deep are records, save for some of a resource's attributes: that is close enough for what waits in line. */
const DEPTH_OF_RECORDS: Readonly<Record<OtlpSignal, number>> = { logs: 7, metrics: 10, traces: 7 };

/** The parser does not recurse, but takes about a hundred bytes for each open bracket: harmless below this size. */
const HARMLESS_BYTES = 256 * 1024;
/** Levels from the root to an attribute's value, and levels that one nested AnyValue takes in JSON; the rest is for unknown fields. */
const BASE_LEVELS = 32;
const LEVELS_PER_VALUE = 4;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Throws `too_large` for a limit that is exceeded, and `invalid` for a body nested beyond anything OTLP can mean. */
export function measureJson({ signal, body }: MeasuredBody, limits: MeasureLimits): BodySize {
  const tally = new SizeTally(limits);
  tally.addBytes(body.length);
  const deepest = body.length <= HARMLESS_BYTES ? Number.POSITIVE_INFINITY : BASE_LEVELS + LEVELS_PER_VALUE * limits.nesting;
  const depthOfRecords = DEPTH_OF_RECORDS[signal];
  let depth = 0;
  let records = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfText(body, at);
    else if (byte === COLON) tally.addBytes(FIELD_BYTES);
    else if (byte === COMMA) tally.addBytes(ITEM_BYTES);
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      tally.addBytes(OBJECT_BYTES);
      depth += 1;
      if (byte === OPEN_BRACE && depth === depthOfRecords) records += 1;
      if (depth > deepest) throw new LedgerlineError('invalid', `The JSON body is nested deeper than limits.nesting (${limits.nesting}) allows.`);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
  }
  return { records, decodedBytes: tally.decodedBytes };
}

/** Where the closing quote stands. */
function endOfText(body: Uint8Array, start: number): number {
  let at = start + 1;
  for (; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  return at;
}
