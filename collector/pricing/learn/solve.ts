/**
 * Rates from what clients charged: requests with different mixes of tokens are linear equations, and a price list has only multiples of
 * 0.0025 USD per million. What a few of them come to has to agree with the others to 10^-9 USD, or it is no price.
 */
import type { PicoUsd } from '../../core/money.ts';
import type { TokenRates } from '../rates.ts';
import type { RequestTokens } from '../tokens.ts';

/** What one request was charged by its client. */
export interface Observation {
  readonly tokens: RequestTokens;
  /** Does the client say which cache writes were for an hour? Otherwise all are five-minute writes in `tokens`. */
  readonly hasLifetimes: boolean;
  readonly cost: PicoUsd;
  readonly timeMs: number;
  readonly clientVersion: string;
}

export interface SolvedRates {
  readonly rates: TokenRates;
  /** Classes that no request used: cache writes at 1.25 times and twice the price of input, as of all models up to now. */
  readonly assumed: readonly ('cacheWrite5m' | 'cacheWrite1h')[];
}

/** Pico-dollars for one token: 0.0025 USD per million. */
const STEP = 2_500n;
/** 10^-9 USD. */
const CLOSE = 1_000n;
/** Requests that agree beside those that were solved. */
export const VERIFIED_MIN = 3;
/** Of the requests at hand: others may have been charged for web searches, lost attempts, an advisor. */
const AGREEING_SHARE = 0.6;
const ATTEMPTS = 12;

/** Input, output, cache reads, cache writes of either lifetime, and those of an unknown one. */
type Equation = readonly bigint[];
const INPUT = 0;
const OUTPUT = 1;
const READ = 2;
const WRITE_5M = 3;
const WRITE_1H = 4;
const WRITE_UNKNOWN = 5;
const UNKNOWNS = 6;

/** Undefined while there are too few requests, or no one set of rates explains most of them. */
export function solveRates(observations: readonly Observation[]): SolvedRates | undefined {
  const columns = usedColumns(observations);
  if (![INPUT, OUTPUT, READ].every((column) => columns.includes(column))) return undefined;
  if (observations.length < columns.length + VERIFIED_MIN) return undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const chosen = independent(shuffled(observations, attempt), columns);
    const solved = chosen && ratesOf(columns, chosen);
    if (solved === undefined || !isPlausible(solved.rates)) continue;
    if (agreeing(observations, solved.rates) >= columns.length + VERIFIED_MIN && explainsMost(observations, solved.rates)) return solved;
  }
  return undefined;
}

const agreeing = (observations: readonly Observation[], rates: TokenRates): number => observations.filter((one) => agreesWith(one, rates)).length;

export const explainsMost = (observations: readonly Observation[], rates: TokenRates): boolean =>
  agreeing(observations, rates) >= observations.length * AGREEING_SHARE;

/** At these rates, with all cache writes of an unknown lifetime for five minutes, or all for an hour. */
export function agreesWith({ tokens, hasLifetimes, cost }: Observation, rates: TokenRates): boolean {
  if (isClose(costAt(tokens, rates), cost)) return true;
  const { cacheCreation5m, cacheCreation1h } = tokens;
  const asHourWrites = { ...tokens, cacheCreation5m: 0, cacheCreation1h: cacheCreation5m + cacheCreation1h };
  return !hasLifetimes && isClose(costAt(asHourWrites, rates), cost);
}

const isClose = (one: bigint, other: bigint): boolean => (one < other ? other - one : one - other) <= CLOSE;

const costAt = (tokens: RequestTokens, rates: TokenRates): bigint =>
  BigInt(tokens.input) * BigInt(rates.input) +
  BigInt(tokens.output) * BigInt(rates.output) +
  BigInt(tokens.cacheRead) * BigInt(rates.cacheRead) +
  BigInt(tokens.cacheCreation5m) * BigInt(rates.cacheWrite5m) +
  BigInt(tokens.cacheCreation1h) * BigInt(rates.cacheWrite1h);

function countsOf({ tokens, hasLifetimes }: Observation): readonly bigint[] {
  const { input, output, cacheRead, cacheCreation5m, cacheCreation1h } = tokens;
  const writes = hasLifetimes ? [cacheCreation5m, cacheCreation1h, 0] : [0, cacheCreation1h, cacheCreation5m];
  return [input, output, cacheRead, ...writes].map(BigInt);
}

function usedColumns(observations: readonly Observation[]): readonly number[] {
  const used = observations.map(countsOf);
  return Array.from({ length: UNKNOWNS }, (_, column) => column).filter((column) => used.some((counts) => counts[column] !== 0n));
}

/** As many equations as unknowns, in echelon form; undefined where the requests are too alike. The last place of each is its cost. */
function independent(observations: readonly Observation[], columns: readonly number[]): readonly Equation[] | undefined {
  const chosen: { readonly pivot: number; readonly equation: Equation }[] = [];
  for (const observation of observations) {
    const counts = countsOf(observation);
    let equation: Equation = [...columns.map((column) => counts[column] ?? 0n), observation.cost];
    for (const { pivot, equation: by } of chosen) equation = eliminated(equation, by, pivot);
    const pivot = equation.findIndex((count, place) => place < columns.length && count !== 0n);
    if (pivot === -1) continue;
    for (const [index, one] of chosen.entries()) chosen[index] = { pivot: one.pivot, equation: eliminated(one.equation, equation, pivot) };
    chosen.push({ pivot, equation });
    if (chosen.length === columns.length) return chosen.toSorted((one, other) => one.pivot - other.pivot).map(({ equation: solved }) => solved);
  }
  return undefined;
}

const eliminated = (equation: Equation, by: Equation, pivot: number): Equation => {
  const [over, under] = [equation[pivot] ?? 0n, by[pivot] ?? 1n];
  return over === 0n ? equation : equation.map((count, place) => count * under - over * (by[place] ?? 0n));
};

function ratesOf(columns: readonly number[], equations: readonly Equation[]): SolvedRates | undefined {
  const found = new Map(
    columns.map((column, place) => {
      const equation = equations[place] ?? [];
      return [column, toStep(equation[columns.length] ?? 0n, equation[place] ?? 1n)] as const;
    }),
  );
  const [input, output, cacheRead] = [found.get(INPUT), found.get(OUTPUT), found.get(READ)];
  if (input === undefined || output === undefined || cacheRead === undefined) return undefined;
  const unknown = found.get(WRITE_UNKNOWN);
  const isHour = unknown === input * 2;
  const fiveMinutes = found.get(WRITE_5M) ?? (isHour ? undefined : unknown);
  const hour = found.get(WRITE_1H) ?? (isHour ? unknown : undefined);
  return {
    rates: { input, output, cacheRead, cacheWrite5m: fiveMinutes ?? (input * 5) / 4, cacheWrite1h: hour ?? input * 2 },
    assumed: [...(fiveMinutes === undefined ? ['cacheWrite5m' as const] : []), ...(hour === undefined ? ['cacheWrite1h' as const] : [])],
  };
}

/** The nearest rate that a list may have. */
function toStep(over: bigint, under: bigint): number {
  const [cost, count] = under < 0n ? [-over, -under] : [over, under];
  const step = count * STEP;
  return Number(((cost * 2n + step) / (step * 2n)) * STEP);
}

/** 10,000 USD per million: no model costs that, and price files have room for it. */
const RATE_MAX = 10_000_000_000;

/** No list has free output, or cache reads that cost more than input. */
const isPlausible = ({ input, output, cacheRead, cacheWrite5m, cacheWrite1h }: TokenRates): boolean =>
  input > 0 &&
  output >= input &&
  cacheRead >= 0 &&
  cacheRead <= input &&
  cacheWrite5m >= input &&
  cacheWrite1h >= cacheWrite5m &&
  Math.max(output, cacheWrite1h) <= RATE_MAX;

/** The same for the same attempt. */
function shuffled<Item>(items: readonly Item[], attempt: number): readonly Item[] {
  let state = attempt + 1;
  const order = items.map((item) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return { item, place: attempt === 0 ? 0 : state };
  });
  return order.sort((one, other) => one.place - other.place).map(({ item }) => item);
}
