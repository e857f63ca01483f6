/** Span in JSON. */
import type { Span } from '../../../telemetry.ts';
import type { RecordTally } from '../decoded.ts';
import type { JsonObject } from './fields.ts';
import { readAttributes } from './value.ts';

export function readSpan(span: JsonObject, tally: RecordTally): Span {
  return {
    name: span.optionalText('name'),
    startMs: span.milliseconds('startTimeUnixNano'),
    endMs: span.milliseconds('endTimeUnixNano'),
    attributes: readAttributes(span, tally),
  };
}
