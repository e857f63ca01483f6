/**
 * Attribute keys and most short values repeat from record to record. Building a string costs more than recognizing one, and equal
 * strings that are the same object make every later Map faster, so short ASCII strings are looked up by their bytes first.
 */
const SLOTS = 8192;
const LONGEST = 48;
const decoder = new TextDecoder('utf-8');

export class TextCache {
  readonly #slots: string[] = new Array<string>(SLOTS).fill('');

  /** The UTF-8 text of bytes[start, end); invalid sequences become U+FFFD, as every receiver of OTLP does. */
  read(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return '';
    if (length > LONGEST) return bytes.toString('utf8', start, end);
    let hash = length;
    let high = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      hash = (Math.imul(hash, 31) + byte) | 0;
      high |= byte;
    }
    if (high > 0x7f) return decoder.decode(bytes.subarray(start, end));
    return this.#find(bytes, start, length, (hash ^ (hash >>> 13)) & (SLOTS - 1));
  }

  #find(bytes: Buffer, start: number, length: number, slot: number): string {
    const known = this.#slots[slot] ?? '';
    if (known.length === length && matches(known, bytes, start)) return known;
    const text = bytes.toString('latin1', start, start + length);
    this.#slots[slot] = text;
    return text;
  }
}

function matches(known: string, bytes: Buffer, start: number): boolean {
  for (let at = 0; at < known.length; at++) {
    if (known.charCodeAt(at) !== bytes[start + at]) return false;
  }
  return true;
}
