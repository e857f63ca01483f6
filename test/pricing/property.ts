/** An independent price of a request, in fractions of bigints from the texts of the rows: what the price book is compared with. */
import type { Circumstances, PriceRow, Rates } from '../../collector/pricing/price-book.ts';
import type { RequestTokens } from '../../collector/pricing/tokens.ts';

type Fraction = readonly [over: bigint, under: bigint];

const times = (...factors: readonly Fraction[]): Fraction => factors.reduce(([a, b], [c, d]) => [a * c, b * d], [1n, 1n]);
const plus = ([a, b]: Fraction, [c, d]: Fraction): Fraction => [a * d + c * b, b * d];

/** Pico-dollars for one token of a rate in USD per million. */
export function decimal(text: string): Fraction {
  const at = text.indexOf('.');
  return at === -1 ? [BigInt(text), 1n] : [BigInt(text.replace('.', '')), 10n ** BigInt(text.length - at - 1)];
}

const PICO: Fraction = [1_000_000n, 1n];

/** Half up. */
export const rounded = ([over, under]: Fraction): bigint => {
  const whole = over / under;
  return (over - whole * under) * 2n >= under ? whole + 1n : whole;
};

export interface Agreed {
  readonly from: string;
  readonly until: string;
  readonly percent: string;
  readonly classes: readonly (keyof Rates)[];
}

export interface Case {
  readonly rows: readonly PriceRow[];
  readonly tokens: RequestTokens;
  readonly parts: readonly RequestTokens[];
  readonly day: string;
  readonly isFast: boolean;
  /** Factors that apply on that day. */
  readonly factors: readonly string[];
  readonly discounts: readonly Agreed[];
  readonly circumstances: Circumstances;
}

const promptOf = (tokens: RequestTokens): number => tokens.input + tokens.cacheRead + tokens.cacheCreation5m + tokens.cacheCreation1h;

function rowOn(rows: readonly PriceRow[], day: string): PriceRow | undefined {
  const sorted = rows.toSorted((one, other) => (one.from < other.from ? -1 : 1));
  return sorted.filter(({ from }) => from <= day).at(-1) ?? sorted[0];
}

function ratesOf({ normal, fast, above }: PriceRow, tokens: RequestTokens, isFast: boolean): Rates | undefined {
  if (isFast) return fast;
  return above !== undefined && promptOf(tokens) > above.prompt_tokens ? above.normal : normal;
}

function sumOf(one: Case, share: (name: keyof Rates) => Fraction, isUncached: boolean): bigint | undefined {
  const row = rowOn(one.rows, one.day);
  let sum: Fraction = [0n, 1n];
  for (const part of one.parts) {
    const rates = row && ratesOf(row, part, one.isFast);
    if (rates === undefined) return undefined;
    const counts: Readonly<Record<keyof Rates, number>> = isUncached
      ? { input: promptOf(part), output: part.output, cache_write_5m: 0, cache_write_1h: 0, cache_read: 0 }
      : {
          ...{ input: part.input, output: part.output, cache_read: part.cacheRead },
          ...{ cache_write_5m: part.cacheCreation5m, cache_write_1h: part.cacheCreation1h },
        };
    for (const name of ['input', 'output', 'cache_write_5m', 'cache_write_1h', 'cache_read'] as const)
      sum = plus(sum, times([BigInt(counts[name]), 1n], decimal(rates[name]), PICO, ...one.factors.map(decimal), share(name)));
  }
  return rounded(sum);
}

export function expectedPrice(one: Case): { cost: bigint; uncached: bigint; contracted: bigint } | undefined {
  const cost = sumOf(one, () => [1n, 1n], false);
  const uncached = sumOf(one, () => [1n, 1n], true);
  const share = (name: keyof Rates): Fraction => {
    const found = one.discounts.find(({ from, until, classes }) => from <= one.day && one.day <= until && classes.includes(name));
    if (found === undefined) return [1n, 1n];
    const [over, under] = decimal(found.percent);
    return [100n * under - over, 100n * under];
  };
  const contracted = sumOf(one, share, false);
  return cost === undefined || uncached === undefined || contracted === undefined ? undefined : { cost, uncached, contracted };
}
