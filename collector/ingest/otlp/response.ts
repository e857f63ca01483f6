/** Bodies of answers: Export<Signal>ServiceResponse and google.rpc.Status, in protobuf and JSON. */
import { ProtobufWriter } from '../../core/protobuf-writer.ts';
import type { OtlpSignal } from '../telemetry.ts';
import type { Answer } from './export-handler.ts';
import type { Encoding } from './observer.ts';
import { type Reply, replyOf } from './status.ts';

const REJECTED_FIELD = { logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints', traces: 'rejectedSpans' } as const satisfies Record<
  OtlpSignal,
  string
>;

const NO_BYTES = Buffer.alloc(0);
/** Enough for nearly every answer; the writer grows when it is not. */
const ANSWER_BYTES = 512;

/** partial_success is left out when nothing was rejected and there is nothing to say, as the specification asks. */
export function successBody(signal: OtlpSignal, encoding: Encoding, { rejected, message }: Answer): Buffer {
  const isFull = rejected === 0 && message === '';
  if (encoding === 'protobuf')
    return isFull ? NO_BYTES : protobuf((writer) => writer.message(1, () => writeNumberAndText(writer, rejected, message)));
  // int64 is a string in protobuf's JSON mapping.
  return Buffer.from(JSON.stringify(isFull ? {} : { partialSuccess: { [REJECTED_FIELD[signal]]: String(rejected), errorMessage: message } }));
}

export function statusBody(encoding: Encoding, { outcome, message }: Answer): Buffer {
  const { grpc } = replyOf(outcome);
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code: grpc, message, details: [] }));
  return protobuf((writer) => writeNumberAndText(writer, grpc, message));
}

/** google.rpc.Status with a RetryInfo, which gRPC carries in the trailer grpc-status-details-bin when a retry makes sense. */
export function retryDetails({ outcome, message }: Answer): Buffer | undefined {
  const { grpc, retryAfterSeconds }: Reply = replyOf(outcome);
  if (retryAfterSeconds === undefined) return undefined;
  return protobuf((writer) => {
    writer.message(3, () => {
      writer.message(2, () => writer.message(1, () => writer.whole(1, retryAfterSeconds)));
      writer.text(1, 'type.googleapis.com/google.rpc.RetryInfo');
    });
    writeNumberAndText(writer, grpc, message);
  });
}

function protobuf(write: (writer: ProtobufWriter) => void): Buffer {
  const writer = new ProtobufWriter(ANSWER_BYTES);
  write(writer);
  return writer.bytes();
}

/** Partial success and status begin alike: a number, then a text; zero and empty are left out. */
function writeNumberAndText(writer: ProtobufWriter, number: number, text: string): void {
  if (text !== '') writer.text(2, text);
  if (number !== 0) writer.whole(1, number);
}
