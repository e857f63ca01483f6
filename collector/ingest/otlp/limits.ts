/** How a limit is named when it is hit, and the part of the limits that decoding needs. */
import type { Limits } from '../../config/config.ts';
import type { LimitName } from './observer.ts';
import { RefusedError } from './refused-error.ts';

export type DecodeLimits = Pick<Limits, 'records_per_export' | 'attributes_per_record' | 'attribute_value_bytes' | 'nesting'>;

/** A refusal that a limit caused, so that it can be counted under the limit's name. `unavailable` where trying again helps. */
export class LimitError extends RefusedError {
  readonly limit: LimitName;

  constructor(limit: LimitName, message: string, code: 'too_large' | 'unavailable' = 'too_large') {
    super(code, message, { kind: 'limit', detail: limit }, { hint: `Send less at once, or raise ${limit}.` });
    this.limit = limit;
  }
}

export const bodyTooLarge = (limit: number): LimitError =>
  new LimitError('limits.body_bytes', `The body is larger than limits.body_bytes (${limit}), as sent or after decompression.`);

export const tooManyRecords = (limit: number): LimitError =>
  new LimitError('limits.records_per_export', `The export has more records than limits.records_per_export (${limit}).`);

export const tooManyBytesPending = (): LimitError =>
  new LimitError('limits.pending_bytes', 'The bodies that are arriving or waiting reach limits.pending_bytes.', 'unavailable');

/** Limits that leave a record out of its export, while the others go on. */
export type RecordLimitName = `limits.${Exclude<keyof DecodeLimits, 'records_per_export'>}`;

const RECORD_LIMITS = {
  'limits.attributes_per_record': 'attributes_per_record',
  'limits.attribute_value_bytes': 'attribute_value_bytes',
  'limits.nesting': 'nesting',
} as const satisfies Record<RecordLimitName, keyof DecodeLimits>;

export function describeLeftOut(limit: RecordLimitName, records: number, limits: DecodeLimits): string {
  const those = records === 1 ? '1 record exceeds' : `${records} records exceed`;
  return `${those} ${limit} (${limits[RECORD_LIMITS[limit]]}). Send less in one record, or raise ${limit}.`;
}
