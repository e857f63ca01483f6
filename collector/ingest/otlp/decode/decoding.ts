/** From the bytes of a body to its records, in either encoding: measured, then decoded. What fails says what the bytes look like. */
import type { LedgerlineError } from '../../../core/error.ts';
import type { DecodeLimits, MeasureLimits } from '../limits.ts';
import { RefusedError } from '../refused-error.ts';
import { type Decoded, MalformedError } from './decoded.ts';
import { measureJson } from './json/measure.ts';
import { decodingJson } from './json/request.ts';
import { assertSignal, type EncodedExport, refusedSignal } from './other-signal.ts';
import { measureProtobuf } from './protobuf/measure.ts';
import { decodingProtobuf } from './protobuf/request.ts';
import type { BodySize } from './size.ts';

/** Throws `too_large` for a body that exceeds a limit as a whole, and `invalid` for one that is no OTLP. Builds nothing. */
export function measure(encoded: EncodedExport, limits: MeasureLimits): BodySize {
  try {
    return encoded.encoding === 'protobuf' ? measureProtobuf(encoded, limits) : measureJson(encoded, limits);
  } catch (thrown) {
    throw moreThanMalformed(thrown, encoded);
  }
}

/** With pauses. The body must have been measured. Throws `invalid` for what is no OTLP of its signal. */
export function* decoding(encoded: EncodedExport, limits: DecodeLimits): Generator<void, Decoded> {
  const { signal, encoding, body, keepsSpans } = encoded;
  try {
    const decoded = yield* encoding === 'protobuf'
      ? decodingProtobuf(signal, body, limits, keepsSpans)
      : decodingJson(signal, body, limits, keepsSpans);
    assertSignal(encoded, decoded);
    return decoded;
  } catch (thrown) {
    throw moreThanMalformed(thrown, encoded);
  }
}

/** What the bytes say about why they are not what they were sent as. */
function moreThanMalformed(thrown: unknown, encoded: EncodedExport): LedgerlineError | unknown {
  if (!(thrown instanceof MalformedError)) return thrown;
  const label = mislabeled(encoded);
  if (label !== undefined) return new RefusedError('invalid', thrown.message, { kind: 'undecodable', detail: label });
  return refusedSignal(encoded) ?? thrown;
}

const BRACE = 0x7b;
const HEAD_BYTES = 64;
const SPACE = 0x20;
const WHITE: readonly number[] = [0x09, 0x0a, 0x0d];
const isGzip = (body: Uint8Array): boolean => body[0] === 0x1f && body[1] === 0x8b;

function mislabeled({ encoding, body }: EncodedExport): string | undefined {
  if (isGzip(body)) return 'gzip without Content-Encoding';
  if (encoding === 'protobuf') return body[0] === BRACE ? 'JSON labeled as protobuf' : undefined;
  // JSON has no control characters but its white space.
  return body.subarray(0, HEAD_BYTES).some((byte) => byte < SPACE && !WHITE.includes(byte)) ? 'protobuf labeled as JSON' : undefined;
}
