/** The demo clients' own idea of models and prices, as each client has a price table built in. */

/** Pico-dollars for one token (10^-12 USD), so that every sum is a whole number. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  readonly write5m: number;
  readonly write1h: number;
  readonly read: number;
}

export interface RequestSize {
  readonly input: number;
  readonly output: number;
  readonly read: number;
  readonly write5m: number;
  readonly write1h: number;
}

export type Family = 'fable' | 'opus' | 'sonnet' | 'haiku' | 'unreleased';

const PICO_PER_MICRO = 1_000_000;
/** From USD for a million tokens: input, output, cache write for 5 minutes, for an hour, cache read. */
const rates = (input: number, output: number, write5m: number, write1h: number, read: number): Rates => ({
  input: Math.round(input * PICO_PER_MICRO),
  output: Math.round(output * PICO_PER_MICRO),
  write5m: Math.round(write5m * PICO_PER_MICRO),
  write1h: Math.round(write1h * PICO_PER_MICRO),
  read: Math.round(read * PICO_PER_MICRO),
});

interface Release {
  readonly from: string;
  readonly model: string;
  readonly rates: Rates;
}

/** What a family's name means from a day on, newest first. The client's table follows the list prices of that day. */
const RELEASES: Readonly<Record<Family, readonly [Release, ...Release[]]>> = {
  fable: [
    { from: '2026-10-01', model: 'claude-fable-5-1', rates: rates(10, 50, 12.5, 20, 0.25) },
    { from: '', model: 'claude-fable-5', rates: rates(10, 50, 12.5, 20, 1) },
  ],
  opus: [
    { from: '2026-09-24', model: 'claude-opus-5-5', rates: rates(4, 20, 5, 8, 0.2) },
    { from: '', model: 'claude-opus-5', rates: rates(5, 25, 6.25, 10, 0.5) },
  ],
  sonnet: [
    { from: '2026-10-08', model: 'claude-sonnet-5-5', rates: rates(2, 10, 2.5, 4, 0.1) },
    { from: '', model: 'claude-sonnet-5', rates: rates(2, 10, 2.5, 4, 0.2) },
  ],
  haiku: [
    { from: '2026-10-08', model: 'claude-haiku-5-5', rates: rates(0.1, 0.5, 0.125, 0.2, 0.01) },
    { from: '', model: 'claude-haiku-4-5', rates: rates(1, 5, 1.25, 2, 0.1) },
  ],
  // A model that no price list has: the client prices it by a default, the ledger shows it as unpriced.
  unreleased: [{ from: '', model: 'claude-mythos-6', rates: rates(5, 25, 6.25, 10, 0.5) }],
};

/** Haiku 5.5 costs five times as much once the prompt is longer than this. */
const LONG_PROMPT_TOKENS = 100_000;

/** The model that a family's name means on a day ("2026-11-20"). */
export function modelOn(family: Family, day: string): { readonly model: string; readonly rates: Rates } {
  const [oldest] = RELEASES[family].slice(-1);
  return RELEASES[family].find((release) => day >= release.from) ?? oldest ?? RELEASES[family][0];
}

/** Cost of one request in pico-dollars, a whole number below 2^53. */
export function costOf(model: string, price: Rates, size: RequestSize): number {
  const tokens = size.input * price.input + size.output * price.output;
  const cache = size.read * price.read + size.write5m * price.write5m + size.write1h * price.write1h;
  const long = model === 'claude-haiku-5-5' && size.input + size.read + size.write5m + size.write1h > LONG_PROMPT_TOKENS;
  return (tokens + cache) * (long ? 5 : 1);
}
