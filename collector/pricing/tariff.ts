/**
 * A tariff: everything that decides what a token of a model costs under given circumstances, worked out once for each time in which
 * nothing of it changes. Rates are whole numbers over one denominator, so that a request is rounded once, at its end, and not at all
 * where the denominator is 1, as it is for all published rates and factors.
 */
import { type Fraction, greatestCommonDivisor, ONE, product } from './fraction.ts';
import { type Factor, factorAt } from './modifiers.ts';
import { holdingAt, type PricePeriod } from './periods.ts';
import { RATE_CLASS_NAMES, RATE_CLASSES, type RateClass, type TokenRates, toTokenRates } from './rates.ts';
import { beginsMs, endsMs, holdsAt, type Override, type Terms } from './terms.ts';

/** Pico-dollars for one token, times the denominator. */
export interface ScaledRates {
  readonly rates: TokenRates;
  /** The same, for sums beyond doubles. */
  readonly exact: Readonly<Record<RateClass, bigint>>;
}

/** Every rate of it over the same denominator. */
export interface Price {
  readonly denominator: number;
  readonly normal: ScaledRates;
  /** Undefined: no fast mode. */
  readonly fast: ScaledRates | undefined;
  readonly longPromptTokens: number;
  readonly long: ScaledRates;
}

/** Holds until the next one begins. */
export interface Tariff {
  readonly fromMs: number;
  readonly list: Price;
  /** The same object where nothing else is agreed. */
  readonly contracted: Price;
}

export interface TariffInputs {
  readonly periods: readonly PricePeriod[];
  /** They apply to periods that have factors. */
  readonly factors: readonly Factor[];
  /** Of fast mode, where the provider has a price of its own for it. */
  readonly fast: readonly Factor[];
  readonly terms: Omit<Terms, 'assumed'>;
}

/** Oldest first; the first also holds before its beginning. Empty for a model without a price. */
export function tariffsOf({ periods, factors, fast, terms }: TariffInputs): readonly Tariff[] {
  const { discounts, capacity, overrides } = terms;
  const changes = [
    ...[...periods, ...factors, ...fast].map(({ fromMs }) => fromMs),
    ...[...discounts, ...capacity, ...overrides].flatMap((term) => [beginsMs(term), endsMs(term)]),
  ];
  const starts = [Number.NEGATIVE_INFINITY, ...new Set(changes.filter(Number.isFinite))].sort((one, other) => one - other);
  return starts.flatMap((fromMs) => {
    const period = holdingAt(periods, fromMs);
    if (period === undefined) return [];
    const list = fractionsOf(period, factors, fast, fromMs);
    const [published, agreed] = [scaled(list), contractedOf(list, terms, fromMs)];
    return [{ fromMs, list: published, contracted: agreed === list ? published : scaled(agreed) }];
  });
}

type Fractions = Readonly<Record<RateClass, Fraction>>;

interface FractionPrice {
  readonly normal: Fractions;
  readonly fast: Fractions | undefined;
  readonly longPromptTokens: number;
  readonly long: Fractions;
}

function fractionsOf(period: PricePeriod, factors: readonly Factor[], fastFactors: readonly Factor[], atMs: number): FractionPrice {
  const times = period.hasFactors ? factorAt(factors, atMs) : ONE;
  const ofProvider = period.hasFactors ? fastFactors.findLast(({ fromMs }) => fromMs <= atMs) : undefined;
  const normal = multiplied(wholeRates(period.normal), () => times);
  const tableFast = period.fast && multiplied(wholeRates(period.fast), () => times);
  const fast = ofProvider === undefined ? tableFast : multiplied(normal, () => ofProvider.times);
  return { normal, fast, longPromptTokens: period.longPromptTokens, long: multiplied(wholeRates(period.long), () => times) };
}

function contractedOf(list: FractionPrice, { discounts, capacity, overrides }: TariffInputs['terms'], atMs: number): FractionPrice {
  if (capacity.some((term) => holdsAt(term, atMs))) return mapped(list, () => ({ over: 0n, under: 1n }));
  const override = overrides.find((term) => holdsAt(term, atMs));
  if (override !== undefined) return agreed(override);
  const holding = discounts.filter((term) => holdsAt(term, atMs));
  if (holding.length === 0) return list;
  return mapped(list, (rate) => {
    const discount = holding.find(({ classes }) => classes === undefined || classes.some((name) => RATE_CLASSES[name] === rate));
    return discount === undefined ? ONE : { over: 10_000n - BigInt(Math.round(discount.percent * 100)), under: 10_000n };
  });
}

function agreed({ normal, fast, above }: Override): FractionPrice {
  const ordinary = wholeRates(toTokenRates(normal));
  return {
    normal: ordinary,
    fast: fast && wholeRates(toTokenRates(fast)),
    longPromptTokens: above?.prompt_tokens ?? Number.POSITIVE_INFINITY,
    long: above === undefined ? ordinary : wholeRates(toTokenRates(above.normal)),
  };
}

const mapped = (price: FractionPrice, times: (rate: RateClass) => Fraction): FractionPrice => ({
  normal: multiplied(price.normal, times),
  fast: price.fast && multiplied(price.fast, times),
  longPromptTokens: price.longPromptTokens,
  long: multiplied(price.long, times),
});

const forEachRate = <Value>(value: (rate: RateClass) => Value): Readonly<Record<RateClass, Value>> => ({
  input: value('input'),
  output: value('output'),
  cacheWrite5m: value('cacheWrite5m'),
  cacheWrite1h: value('cacheWrite1h'),
  cacheRead: value('cacheRead'),
});

const wholeRates = (rates: TokenRates): Fractions => forEachRate((rate) => ({ over: BigInt(rates[rate]), under: 1n }));

const multiplied = (rates: Fractions, times: (rate: RateClass) => Fraction): Fractions => forEachRate((rate) => product(rates[rate], times(rate)));

/** Brings all rates to the smallest denominator that they have in common. */
function scaled({ normal, fast, longPromptTokens, long }: FractionPrice): Price {
  const all = [normal, long, ...(fast === undefined ? [] : [fast])].flatMap((rates) => RATE_CLASS_NAMES.map((name) => rates[RATE_CLASSES[name]]));
  const denominator = all.map(reduced).reduce((common, { under }) => leastCommonMultiple(common, under), 1n);
  const scale = (rates: Fractions): ScaledRates => {
    const exact = forEachRate((rate) => (rates[rate].over * denominator) / rates[rate].under);
    return { exact, rates: forEachRate((rate) => Number(exact[rate])) };
  };
  return { denominator: Number(denominator), normal: scale(normal), fast: fast && scale(fast), longPromptTokens, long: scale(long) };
}

function reduced({ over, under }: Fraction): Fraction {
  const divisor = greatestCommonDivisor(over, under);
  return { over: over / divisor, under: under / divisor };
}

const leastCommonMultiple = (one: bigint, other: bigint): bigint => (one / greatestCommonDivisor(one, other)) * other;
