/**
 * A remote write request (prometheus.WriteRequest, version 1) as bytes. Snappy is mandatory in the protocol; a block that
 * consists of literals alone is valid snappy, and needs no compressor.
 */
import { ProtobufWriter } from '../../core/protobuf-writer.ts';
import type { Track } from './family-totals.ts';

/** Milliseconds and value, in the order of time. */
export interface TrackSamples {
  readonly track: Track;
  readonly samples: readonly (readonly [number, number])[];
}

const LITERAL_MAX = 65_536;

export function writeRequest(series: readonly TrackSamples[]): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter();
  for (const { track, samples } of series.toReversed()) {
    writer.message(1, () => {
      for (const [timeMs, value] of samples.toReversed()) writeSample(writer, timeMs, value);
      writer.raw(labelsOf(track));
    });
  }
  return snappyLiterals(writer.bytes());
}

const labelBytes = new WeakMap<Track, Uint8Array>();

/** Sorted by name, as the protocol demands. */
function labelsOf(track: Track): Uint8Array {
  const known = labelBytes.get(track);
  if (known !== undefined) return known;
  const pairs = Object.entries({ ...track.labels, __name__: track.name }).sort(([a], [b]) => (a < b ? -1 : 1));
  const writer = new ProtobufWriter(1024);
  for (const [name, value] of pairs.toReversed()) {
    writer.message(1, () => {
      writer.text(2, value);
      writer.text(1, name);
    });
  }
  // A copy: the writer's own buffer is larger, and would be kept with it.
  const bytes = new Uint8Array(writer.bytes());
  labelBytes.set(track, bytes);
  return bytes;
}

/** A time before 1970 would take ten bytes in two's complement; no ledger has one. */
function writeSample(writer: ProtobufWriter, timeMs: number, value: number): void {
  writer.message(2, () => {
    writer.whole(2, timeMs);
    writer.double(1, value);
  });
}

/** The length, then literals of at most 64 KiB: tag 61 announces a length of two bytes, which is one less than the literal's. */
export function snappyLiterals(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter(bytes.length + 3 * Math.ceil(bytes.length / LITERAL_MAX) + 10);
  for (let at = Math.floor((bytes.length - 1) / LITERAL_MAX) * LITERAL_MAX; at >= 0; at -= LITERAL_MAX) {
    const literal = bytes.subarray(at, at + LITERAL_MAX);
    const length = literal.length - 1;
    writer.raw(literal);
    writer.raw(Uint8Array.of(61 << 2, length & 255, length >> 8));
  }
  writer.varint(bytes.length);
  return writer.bytes();
}
