/** Bodies of answers: Export<Signal>ServiceResponse and google.rpc.Status, in protobuf and JSON. */
import type { OtlpSignal } from '../telemetry.ts';
import type { Answer } from './export-handler.ts';
import type { Encoding } from './observer.ts';
import { type Reply, replyOf } from './status.ts';

const REJECTED_FIELD = { logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints', traces: 'rejectedSpans' } as const satisfies Record<
  OtlpSignal,
  string
>;

const NO_BYTES = Buffer.alloc(0);

/** partial_success is left out when nothing was rejected and there is nothing to say, as the specification asks. */
export function successBody(signal: OtlpSignal, encoding: Encoding, { rejected, message }: Answer): Buffer {
  const isFull = rejected === 0 && message === '';
  if (encoding === 'protobuf') return isFull ? NO_BYTES : nested(1, Buffer.concat([varintField(1, rejected), textField(2, message)]));
  // int64 is a string in protobuf's JSON mapping.
  return Buffer.from(JSON.stringify(isFull ? {} : { partialSuccess: { [REJECTED_FIELD[signal]]: String(rejected), errorMessage: message } }));
}

export function statusBody(encoding: Encoding, { outcome, message }: Answer): Buffer {
  const { grpc } = replyOf(outcome);
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code: grpc, message, details: [] }));
  return Buffer.concat([varintField(1, grpc), textField(2, message)]);
}

/** google.rpc.Status with a RetryInfo, which gRPC carries in the trailer grpc-status-details-bin when a retry makes sense. */
export function retryDetails({ outcome, message }: Answer): Buffer | undefined {
  const { grpc, retryAfterSeconds }: Reply = replyOf(outcome);
  if (retryAfterSeconds === undefined) return undefined;
  const retryInfo = nested(1, varintField(1, retryAfterSeconds));
  const any = Buffer.concat([textField(1, 'type.googleapis.com/google.rpc.RetryInfo'), nested(2, retryInfo)]);
  return Buffer.concat([varintField(1, grpc), textField(2, message), nested(3, any)]);
}

function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

const varintField = (field: number, value: number): Buffer => (value === 0 ? NO_BYTES : Buffer.from([field << 3, ...varintBytes(value)]));
const nested = (field: number, content: Buffer): Buffer => Buffer.concat([Buffer.from([(field << 3) | 2, ...varintBytes(content.length)]), content]);
const textField = (field: number, text: string): Buffer => (text === '' ? NO_BYTES : nested(field, Buffer.from(text)));
