/**
 * A remote write request (prometheus.WriteRequest, version 1) as bytes. Snappy is mandatory in the protocol; a block that
 * consists of literals alone is valid snappy, and needs no compressor.
 */
import type { Track } from './family-totals.ts';

/** Milliseconds and value, in the order of time. */
export interface TrackSamples {
  readonly track: Track;
  readonly samples: readonly (readonly [number, number])[];
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const LITERAL_MAX = 65_536;

const utf8 = new TextEncoder();

export function writeRequest(series: readonly TrackSamples[]): Uint8Array<ArrayBuffer> {
  return snappyLiterals(joined(series.map((one) => field(1, timeSeries(one)))));
}

function timeSeries({ track, samples }: TrackSamples): Uint8Array {
  return joined([labelsOf(track), ...samples.map(([timeMs, value]) => field(2, sample(timeMs, value)))]);
}

const labelBytes = new WeakMap<Track, Uint8Array>();

/** Sorted by name, as the protocol demands. */
function labelsOf(track: Track): Uint8Array {
  const known = labelBytes.get(track);
  if (known !== undefined) return known;
  const pairs = Object.entries({ ...track.labels, __name__: track.name }).sort(([a], [b]) => (a < b ? -1 : 1));
  const bytes = joined(pairs.map(([name, value]) => field(1, joined([field(1, utf8.encode(name)), field(2, utf8.encode(value))]))));
  labelBytes.set(track, bytes);
  return bytes;
}

function sample(timeMs: number, value: number): Uint8Array {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setFloat64(0, value, true);
  return joined([tag(1, FIXED64), number, tag(2, VARINT), varint(timeMs)]);
}

const tag = (number: number, type: number): Uint8Array => varint(number * 8 + type);
const field = (number: number, bytes: Uint8Array): Uint8Array => joined([tag(number, BYTES), varint(bytes.length), bytes]);

/** A time before 1970 would take ten bytes in two's complement; no ledger has one. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The length, then literals of at most 64 KiB: tag 61 announces a length of two bytes, which is one less than the literal's. */
export function snappyLiterals(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [varint(bytes.length)];
  for (let at = 0; at < bytes.length; at += LITERAL_MAX) {
    const literal = bytes.subarray(at, at + LITERAL_MAX);
    const length = literal.length - 1;
    parts.push(Uint8Array.of(61 << 2, length & 255, length >> 8), literal);
  }
  return joined(parts);
}
