/**
 * Writes protobuf from the back to the front, so that a message's length is known when its prefix is written: fields are written last
 * first. Write-only and without a schema; field numbers are the caller's. What is absent or empty is left out by the caller.
 */

const SHORT_TEXT = 80;

export class ProtobufWriter {
  #buffer: Buffer<ArrayBuffer>;
  #at: number;

  constructor(size = 1 << 16) {
    this.#buffer = Buffer.allocUnsafe(size);
    this.#at = size;
  }

  bytes(): Buffer<ArrayBuffer> {
    return this.#buffer.subarray(this.#at);
  }

  begin(): number {
    return this.#buffer.length - this.#at;
  }

  /** Closes a message whose content was written since `begin`. */
  end(field: number, begun: number): void {
    const length = this.#buffer.length - this.#at - begun;
    this.#need(12);
    this.#varint(length);
    this.#varint(field * 8 + 2);
  }

  message(field: number, content: () => void): void {
    const begun = this.begin();
    content();
    this.end(field, begun);
  }

  /** Already encoded fields, or any other bytes. */
  raw(bytes: Uint8Array): void {
    this.#need(bytes.length);
    this.#at -= bytes.length;
    this.#buffer.set(bytes, this.#at);
  }

  text(field: number, value: string): void {
    this.#need(value.length * 3 + 12);
    const length = this.#shortAscii(value) ? value.length : this.#utf8(value);
    this.#varint(length);
    this.#varint(field * 8 + 2);
  }

  #utf8(value: string): number {
    const length = Buffer.byteLength(value);
    this.#at -= length;
    this.#buffer.write(value, this.#at, length);
    return length;
  }

  /** Short ASCII, which is nearly all of it, is several times faster letter by letter. */
  #shortAscii(value: string): boolean {
    const length = value.length;
    if (length > SHORT_TEXT) return false;
    const start = this.#at - length;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 127) return false;
      this.#buffer[start + index] = code;
    }
    this.#at = start;
    return true;
  }

  /** A number without its field: a whole one from 0 to 2^53. */
  varint(value: number): void {
    this.#need(10);
    this.#varint(value);
  }

  /** A varint of a whole number from 0 to 2^53. */
  whole(field: number, value: number): void {
    this.#need(20);
    this.#varint(value);
    this.#varint(field * 8);
  }

  double(field: number, value: number): void {
    this.#need(14);
    this.#at -= 8;
    this.#buffer.writeDoubleLE(value, this.#at);
    this.#varint(field * 8 + 1);
  }

  /** Milliseconds as fixed64 nanoseconds. */
  time(field: number, ms: number): void {
    this.#need(14);
    this.#at -= 8;
    // Nanoseconds have more bits than a number: ms = high * 2^20 + low, so that both products stay whole.
    const low = (ms % 2 ** 20) * 1_000_000;
    const high = Math.floor(ms / 2 ** 20) * 1_000_000;
    const lowWord = (high % 2 ** 12) * 2 ** 20 + (low % 2 ** 32);
    const carried = Math.floor(low / 2 ** 32) + Math.floor(lowWord / 2 ** 32);
    this.#buffer.writeUInt32LE(lowWord % 2 ** 32, this.#at);
    this.#buffer.writeUInt32LE(Math.floor(high / 2 ** 12) + carried, this.#at + 4);
    this.#varint(field * 8 + 1);
  }

  #varint(value: number): void {
    let length = 1;
    for (let left = value; left >= 128; left = Math.floor(left / 128)) length++;
    this.#at -= length;
    let left = value;
    for (let index = 0; index < length; index++) {
      this.#buffer[this.#at + index] = (left % 128) + (index === length - 1 ? 0 : 128);
      left = Math.floor(left / 128);
    }
  }

  #need(bytes: number): void {
    if (this.#at >= bytes) return;
    const used = this.#buffer.length - this.#at;
    const larger = Buffer.allocUnsafe((this.#buffer.length + bytes) * 2);
    this.#buffer.copy(larger, larger.length - used, this.#at);
    this.#at = larger.length - used;
    this.#buffer = larger;
  }
}
