/** Decoding a body without a pause. */
import { atOnce } from '../../collector/core/turn.ts';
import type { Decoded } from '../../collector/ingest/otlp/decode/decoded.ts';
import { decodingJson } from '../../collector/ingest/otlp/decode/json/request.ts';
import { decodingProtobuf } from '../../collector/ingest/otlp/decode/protobuf/request.ts';
import type { DecodeLimits } from '../../collector/ingest/otlp/limits.ts';
import type { OtlpSignal } from '../../collector/ingest/telemetry.ts';

export const decodeProtobuf = (signal: OtlpSignal, body: Uint8Array, limits: DecodeLimits): Decoded => atOnce(decodingProtobuf(signal, body, limits));
export const decodeJson = (signal: OtlpSignal, body: Uint8Array, limits: DecodeLimits): Decoded => atOnce(decodingJson(signal, body, limits));
