/** The protobuf wire format, read in place: no copies, no reflection, every read checked against the message it belongs to. */
import { toEpochMs } from '../../../../core/epoch-time.ts';
import { MalformedError } from '../decoded.ts';
import { TextCache } from './text-cache.ts';

/** Tags are compared whole (field number and wire type), so a known field with another wire type is skipped as unknown. */
export const varint = (field: number): number => field << 3;
export const fixed64 = (field: number): number => (field << 3) | 1;
export const bytes = (field: number): number => (field << 3) | 2;

/** The high word of 1e17, from where on a time counts nanoseconds. */
const NANOSECONDS_HIGH_MIN = 23_283_065;

// Shared by all exports on purpose: the same clients send the same words again and again.
const texts = new TextCache();

export class WireReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #position = 0;
  #limit: number;
  /** Where the field being read began, for messages. */
  #fieldStart = 0;

  constructor(body: Uint8Array) {
    this.#bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.#limit = body.byteLength;
  }

  /** True while the current message has another field. */
  more(): boolean {
    return this.#position < this.#limit;
  }

  tag(): number {
    this.#fieldStart = this.#position;
    const first = this.#bytes[this.#position] ?? 0;
    if (first < 0x80 && first > 7) {
      this.#position += 1;
      return first;
    }
    const tag = this.varint();
    if (tag > 0xffffffff || tag < 8) throw this.malformed('a tag without a valid field number');
    return tag >>> 0;
  }

  /** An unsigned varint; exact up to 2^53. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      if (this.#position >= this.#limit) throw this.malformed('a number that is cut off');
      const byte = this.#bytes[this.#position++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw this.malformed('a number of more than 10 bytes');
  }

  /** An int64 as a double: exact up to 2^53, the nearest double beyond. */
  int64(): number {
    const start = this.#position;
    const value = this.varint();
    // Ten bytes are used exactly by negative numbers (and by unsigned ones from 2^63 on, which are the same bits).
    return this.#position - start < 10 ? value : this.#negative(start);
  }

  #negative(start: number): number {
    let value = 0n;
    for (let at = start; at < this.#position; at++) value |= BigInt((this.#bytes[at] ?? 0) & 0x7f) << BigInt(7 * (at - start));
    return Number(BigInt.asIntN(64, value));
  }

  sfixed64(): number {
    return this.#view.getInt32(this.#fixed64() + 4, true) * 4294967296 + this.#view.getUint32(this.#position - 8, true);
  }

  double(): number {
    return this.#view.getFloat64(this.#fixed64(), true);
  }

  /**
   * A fixed64 of nanoseconds since the epoch, or of another unit, as whole milliseconds. A double cannot hold the nanoseconds, so high and
   * low word are divided apart.
   */
  milliseconds(): number {
    const at = this.#fixed64();
    const high = this.#view.getUint32(at + 4, true);
    const low = this.#view.getUint32(at, true);
    // 2^32 ns are 4294.967296 ms; high * 967296 + low stays below 2^53.
    return high >= NANOSECONDS_HIGH_MIN ? high * 4294 + Math.floor((high * 967296 + low) / 1e6) : toEpochMs(high * 2 ** 32 + low);
  }

  #fixed64(): number {
    const at = this.#position;
    if (this.#limit - at < 8) throw this.malformed('a 64-bit value that is cut off');
    this.#position = at + 8;
    return at;
  }

  /** Steps into a nested message; hand the result to leave(). */
  enter(): number {
    const outer = this.#limit;
    this.#limit = this.#end();
    return outer;
  }

  leave(outer: number): void {
    this.#position = this.#limit;
    this.#limit = outer;
  }

  /** Reads the nested message at the cursor. What is thrown while it is read goes to `onThrown`; then the message is stepped over. */
  attempt(read: () => void, onThrown: (thrown: unknown) => void): void {
    const start = this.#position;
    const limit = this.#limit;
    const end = this.#end();
    this.#position = start;
    try {
      read();
    } catch (thrown) {
      onThrown(thrown);
      this.#limit = limit;
      this.#position = end;
    }
  }

  /** The same where reading may pause. */
  *attemptInTurns(read: () => Iterable<void>, onThrown: (thrown: unknown) => void): Generator<void> {
    const start = this.#position;
    const limit = this.#limit;
    const end = this.#end();
    this.#position = start;
    try {
      yield* read();
    } catch (thrown) {
      onThrown(thrown);
      this.#limit = limit;
      this.#position = end;
    }
  }

  /** Goes over the current message again from `start`, as returned by position(). */
  rewind(start: number): void {
    this.#position = start;
  }

  position(): number {
    return this.#position;
  }

  /** Bytes left of the current message. */
  remaining(): number {
    return this.#limit - this.#position;
  }

  /** How many bytes the length-delimited field at the cursor holds, without reading it. */
  peekLength(): number {
    const start = this.#position;
    const length = this.#end() - this.#position;
    this.#position = start;
    return length;
  }

  text(): string {
    const end = this.#end();
    const text = texts.read(this.#bytes, this.#position, end);
    this.#position = end;
    return text;
  }

  base64(): string {
    const end = this.#end();
    const text = this.#bytes.toString('base64', this.#position, end);
    this.#position = end;
    return text;
  }

  #end(): number {
    const length = this.varint();
    if (length > this.#limit - this.#position) throw this.malformed(`a length of ${length} where ${this.#limit - this.#position} bytes are left`);
    return this.#position + length;
  }

  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        this.varint();
        return;
      case 1:
        this.#fixed64();
        return;
      case 2:
        this.#position = this.#end();
        return;
      case 5:
        if (this.#limit - this.#position < 4) throw this.malformed('a 32-bit value that is cut off');
        this.#position += 4;
        return;
      default:
        throw this.malformed(`wire type ${tag & 7}, which OTLP does not use`);
    }
  }

  malformed(what: string): MalformedError {
    return new MalformedError(`Not a valid OTLP protobuf message: ${what}, in the field at byte ${this.#fieldStart}.`);
  }
}
