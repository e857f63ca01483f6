/** Randomness that is the same for the same words: every person's every day has its own stream, whenever it is asked for. */

const HEX = '0123456789abcdef';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export class Random {
  #state: number;

  /** FNV-1a over the words picks the stream; mulberry32 runs it. */
  constructor(...words: readonly (string | number)[]) {
    let hash = 0x811c9dc5;
    for (const character of words.join('/')) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    this.#state = hash >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** A whole number from lowest to highest, both included. */
  whole(lowest: number, highest: number): number {
    return lowest + Math.floor(this.next() * (highest - lowest + 1));
  }

  /** A positive amount around a median, with the long tail that token counts and costs have. */
  around(median: number, spread: number): number {
    const bell = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return Math.round(median * Math.exp(spread * bell));
  }

  pick<Item>(list: readonly [Item, ...Item[]]): Item {
    return list[Math.floor(this.next() * list.length)] ?? list[0];
  }

  /** Picks by share; the shares need not add up to one. */
  weighted<Item>(list: readonly [readonly [Item, number], ...(readonly [Item, number])[]]): Item {
    let left = this.next() * list.reduce((sum, [, share]) => sum + share, 0);
    for (const [item, share] of list) {
      left -= share;
      if (left < 0) return item;
    }
    return list[0][0];
  }

  hex(digits: number): string {
    return this.#letters(HEX, digits);
  }

  base62(digits: number): string {
    return this.#letters(BASE62, digits);
  }

  uuid(): string {
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-a${this.hex(3)}-${this.hex(12)}`;
  }

  /** Four letters from each step of the stream, one byte for each. */
  #letters(alphabet: string, count: number): string {
    let text = '';
    while (text.length < count) {
      let bits = Math.floor(this.next() * 4294967296);
      for (let taken = 0; taken < 4 && text.length < count; taken++) {
        text += alphabet[(bits & 0xff) % alphabet.length];
        bits >>>= 8;
      }
    }
    return text;
  }
}
