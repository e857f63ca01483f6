/** What differs between two prices of a model. */
import { holdingAt, type PricePeriod } from './periods.ts';
import { RATE_CLASS_NAMES, RATE_CLASSES, type Rates, type TokenRates } from './rates.ts';

export interface PriceDifference {
  readonly model: string;
  /** Since when, where two histories are compared. */
  readonly fromMs: number | undefined;
  /** "input", "fast output", "long cache_read", "fast mode", "prompts are long above". */
  readonly what: string;
  /** USD per million, a count of tokens, or words; undefined where there is none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

type Side = PricePeriod | undefined;

/** Pico-dollars for one token as USD per million, with at least two decimals. */
export function usdPerMillion(rate: number | bigint, denominator = 1): string {
  const pico = (BigInt(rate) * 1_000_000n) / BigInt(denominator);
  const decimals = (pico % 1_000_000_000_000n).toString().padStart(12, '0').replace(/0+$/, '').padEnd(2, '0');
  return `${pico / 1_000_000_000_000n}.${decimals}`;
}

/** As price files have them. */
export const toRates = ({ input, output, cacheWrite5m, cacheWrite1h, cacheRead }: TokenRates): Rates => ({
  ...{ input: usdPerMillion(input), output: usdPerMillion(output) },
  ...{ cache_write_5m: usdPerMillion(cacheWrite5m), cache_write_1h: usdPerMillion(cacheWrite1h), cache_read: usdPerMillion(cacheRead) },
});

export function periodDifferences(model: string, before: Side, after: Side, fromMs?: number): readonly PriceDifference[] {
  const say = (what: string, old: string | undefined, now: string | undefined): PriceDifference[] =>
    old === now ? [] : [{ model, fromMs, what, before: old, after: now }];
  const rates = (of: (period: PricePeriod) => TokenRates | undefined, prefix: string): PriceDifference[] =>
    RATE_CLASS_NAMES.flatMap((name) =>
      say(`${prefix}${name}`, rateOf(before && of(before), RATE_CLASSES[name]), rateOf(after && of(after), RATE_CLASSES[name])),
    );
  const limit = (period: Side): string | undefined =>
    period === undefined || !Number.isFinite(period.longPromptTokens) ? undefined : String(period.longPromptTokens);
  const isLong = limit(before) !== undefined || limit(after) !== undefined;
  return [
    ...rates(({ normal }) => normal, ''),
    ...rates(({ fast }) => fast, 'fast '),
    ...say('prompts are long above', limit(before), limit(after)),
    ...(isLong ? rates(({ long }) => long, 'long ') : []),
  ];
}

const rateOf = (rates: TokenRates | undefined, name: keyof TokenRates): string | undefined =>
  rates === undefined ? undefined : usdPerMillion(rates[name]);

/** On every day on which either changes; a difference that goes on is said once. */
export function historyDifferences(model: string, before: readonly PricePeriod[], after: readonly PricePeriod[]): readonly PriceDifference[] {
  const days = [...new Set([...before, ...after].map(({ fromMs }) => fromMs))].sort((one, other) => one - other);
  const said = new Map<string, string>();
  return days.flatMap((fromMs) => {
    const found = periodDifferences(model, holdingAt(before, fromMs), holdingAt(after, fromMs), fromMs);
    const fresh = found.filter(({ what, before: old, after: now }) => said.get(what) !== `${old} ${now}`);
    said.clear();
    for (const { what, before: old, after: now } of found) said.set(what, `${old} ${now}`);
    return fresh;
  });
}
