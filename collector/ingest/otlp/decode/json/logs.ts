/** LogRecord in JSON. */
import type { LogRecord } from '../../../telemetry.ts';
import type { RecordTally } from '../decoded.ts';
import type { JsonObject } from './fields.ts';
import { readAttributes } from './value.ts';

export function readLogRecord(record: JsonObject, tally: RecordTally): LogRecord {
  // The log data model: a record without a time of its own has the time at which it was observed.
  const timeMs = record.milliseconds('timeUnixNano');
  const observedMs = record.milliseconds('observedTimeUnixNano');
  return {
    timeMs: timeMs === 0 ? observedMs : timeMs,
    eventName: record.text('eventName') ?? '',
    body: record.object('body')?.text('stringValue') ?? '',
    attributes: readAttributes(record, tally),
  };
}
