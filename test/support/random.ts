/** A seeded generator, so that a failing run can be repeated. Mulberry32. */
export class Random {
  #state: number;
  readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  shuffle<Item>(items: readonly Item[]): Item[] {
    const shuffled = items.map((item) => ({ item, order: this.next() })).sort((a, b) => a.order - b.order);
    return shuffled.map(({ item }) => item);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }
}

/** LEDGERLINE_TEST_SEED repeats a run; otherwise a new seed each time, printed so that it can be repeated. */
export function seededRandom(what: string): Random {
  const seed = Number(process.env.LEDGERLINE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stderr.write(`${what}: seed ${seed} (repeat with LEDGERLINE_TEST_SEED=${seed})\n`);
  return new Random(seed);
}
