/** What the receivers report about themselves; main turns it into the collector's own metrics and log. */
import type { Refusal } from '../../catalog/refusals.ts';
import type { LedgerlineError } from '../../core/error.ts';
import type { OtlpSignal } from '../telemetry.ts';
import type { Outcome } from './status.ts';

export type Transport = 'http' | 'grpc';
export type Encoding = 'protobuf' | 'json';

/** Keys of the configuration whose bound can be hit while receiving. */
export type LimitName =
  | 'limits.body_bytes'
  | 'limits.grpc_message_bytes'
  | 'limits.decoded_bytes'
  | 'limits.records_per_export'
  | 'limits.attributes_per_record'
  | 'limits.attribute_value_bytes'
  | 'limits.nesting'
  | 'limits.pending_exports'
  | 'limits.pending_wait_ms'
  | 'limits.pending_bytes'
  | 'limits.pending_records'
  | 'limits.connections'
  | 'limits.connections_per_address'
  | 'limits.pipelined_requests'
  | 'limits.request_ms';

export interface ReceivedRequest {
  /** 'unknown' when the path or method names no signal. */
  readonly signal: OtlpSignal | 'unknown';
  readonly transport: Transport;
  readonly encoding: Encoding | 'unknown';
  readonly outcome: Outcome;
  readonly accepted: number;
  readonly rejected: number;
  /** Size of the body after decompression; 0 when it was not read to its end. */
  readonly bytes: number;
  readonly durationMs: number;
}

/** Methods must not throw and must return at once. */
export interface ReceiverObserver {
  /** Once per request, after its answer is decided. */
  requestAnswered(request: ReceivedRequest): void;
  /** Once per request, record or connection that a limit refused. */
  limitHit(limit: LimitName): void;
  /** So many records of an export were left out because they are not OTLP. */
  malformed(records: number): void;
  /** What of a request, or the whole of it, was refused, rejected, ignored or corrected. `address` is the sender's, without its port. */
  refused(refusal: Refusal, address: string): void;
  /** An error that is the collector's own fault, for the log. The message and cause carry no content of the request. */
  failed(error: LedgerlineError): void;
}
