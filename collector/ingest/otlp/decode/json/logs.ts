/** LogRecord in JSON. */
import type { LogRecord } from '../../../telemetry.ts';
import type { RecordTally } from '../decoded.ts';
import type { JsonObject } from './fields.ts';
import { readAttributes } from './value.ts';

export function readLogRecord(record: JsonObject, tally: RecordTally): LogRecord {
  return {
    timeMs: record.milliseconds('timeUnixNano'),
    observedMs: record.milliseconds('observedTimeUnixNano'),
    eventName: record.optionalText('eventName'),
    body: record.object('body')?.optionalText('stringValue') ?? '',
    attributes: readAttributes(record, tally),
  };
}
