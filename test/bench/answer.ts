/** What an answer of OTLP says: a success may be partial, and then what it rejects was not taken. */
import { gunzipSync } from 'node:zlib';
import { bytes, varint, WireReader } from '../../collector/ingest/otlp/decode/protobuf/wire-reader.ts';
import type { LoadOrder } from './load.ts';

/** Whether a success has taken all that was sent. */
export type TookAll = (answer: Buffer) => boolean;

/** Of all signals alike: Export<Signal>ServiceResponse, and in it the number of what was rejected. */
const PARTIAL_SUCCESS = bytes(1);
const REJECTED = varint(1);

export function tookAllOfProtobuf(message: Buffer): boolean {
  const reader = new WireReader(message);
  let isAll = true;
  while (reader.more()) {
    const tag = reader.tag();
    if (tag !== PARTIAL_SUCCESS) {
      reader.skip(tag);
      continue;
    }
    const outer = reader.enter();
    while (reader.more()) {
      const field = reader.tag();
      if (field !== REJECTED) reader.skip(field);
      else if (reader.int64() !== 0) isAll = false;
    }
    reader.leave(outer);
  }
  return isAll;
}

export function tookAllOfJson(body: Buffer): boolean {
  if (body.length === 0) return true;
  const { partialSuccess = {} } = JSON.parse(body.toString()) as { partialSuccess?: Readonly<Record<string, unknown>> };
  // int64 is a string in protobuf's JSON mapping, and may be a number.
  return Object.entries(partialSuccess).every(([name, value]) => !name.startsWith('rejected') || Number(value) === 0);
}

const FRAME_HEAD_BYTES = 5;

/** A message of gRPC in its frame, compressed where the first byte says so. */
export function tookAllOfFrame(frame: Buffer): boolean {
  const message = frame.subarray(FRAME_HEAD_BYTES);
  return tookAllOfProtobuf(frame[0] === 1 ? gunzipSync(message) : message);
}

export const tookAllOver = ({ transport, encoding }: Pick<LoadOrder, 'transport' | 'encoding'>): TookAll =>
  remembering(transport === 'grpc' ? tookAllOfFrame : encoding === 'json' ? tookAllOfJson : tookAllOfProtobuf);

/** Nearly all answers are the same few bytes: to read each anew would take time of the cores that the server is measured on. */
function remembering(read: TookAll): TookAll {
  let last: Buffer | undefined;
  let isAll = false;
  return (answer) => {
    if (last?.equals(answer) !== true) [isAll, last] = [read(answer), Buffer.from(answer)];
    return isAll;
  };
}
