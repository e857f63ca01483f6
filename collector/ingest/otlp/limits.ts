/** How a limit is named when it is hit, and the part of the limits that decoding needs. */
import type { Limits } from '../../config/config.ts';
import type { LimitName } from './observer.ts';
import { RefusedError } from './refused-error.ts';

/** What a body is measured against. */
export type MeasureLimits = Pick<Limits, 'records_per_export' | 'decoded_bytes' | 'nesting'>;
export type DecodeLimits = Pick<Limits, 'records_per_export' | 'attributes_per_record' | 'attribute_value_bytes' | 'nesting'>;

/** A refusal that a limit caused, so that it can be counted under the limit's name. `unavailable` where trying again helps. */
export class LimitError extends RefusedError {
  readonly limit: LimitName;

  constructor(limit: LimitName, message: string, code: 'too_large' | 'unavailable' = 'too_large') {
    super(code, message, { kind: 'limit', detail: limit }, { hint: `Send less at once, or raise ${limit}.` });
    this.limit = limit;
  }
}

/** How large an export may be, by the transport it comes over. */
export interface SizeLimit {
  readonly name: 'limits.body_bytes' | 'limits.grpc_message_bytes';
  readonly bytes: number;
}

export const bodyTooLarge = ({ name, bytes }: SizeLimit): LimitError =>
  new LimitError(name, `The body is larger than ${name} (${bytes}), as sent or after decompression.`);

export const tooManyRecords = (limit: number): LimitError =>
  new LimitError('limits.records_per_export', `The export has more records than limits.records_per_export (${limit}).`);

export const decodesTooLarge = (limit: number): LimitError =>
  new LimitError('limits.decoded_bytes', `Decoded, the export would take more memory than limits.decoded_bytes (${limit}).`);

export const tooManyBytesPending = (): LimitError =>
  new LimitError('limits.pending_bytes', 'The bodies that are arriving or waiting reach limits.pending_bytes.', 'unavailable');

export const tooManyRecordsPending = (limit: number): LimitError =>
  new LimitError('limits.pending_records', `The ledger is behind: limits.pending_records (${limit}) is reached.`, 'unavailable');

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
