/**
 * Why the cost of models changed: more tokens, other models, other classes of tokens, or another price. Four steps from what a model cost
 * to what it costs now, each with one thing more as it is now; so the parts add up to the change, to the last digit.
 */
import type { TokenRates } from '../../pricing/price-book.ts';
import { listCostOf, type PricedTokens } from '../token-prices.ts';
import { total } from '../totals.ts';

/** What a model cost in a period, and with how many tokens. */
export interface ModelUse {
  readonly cost: bigint;
  readonly tokens: PricedTokens;
}

/** Pico-dollars; together the change. */
export interface Effects {
  /** All models grown or shrunk alike, with the tokens of all of them. */
  readonly volume: bigint;
  /** This model's share of the tokens. What a model costs that was not used before is all here. */
  readonly modelMix: bigint;
  /** Cache reads, cache writes, uncached input and output in other parts, weighed by their list prices. */
  readonly tokenMix: bigint;
  /** What a token of each class costs: list prices, fast mode, long prompts, longer lifetimes of cache writes, contracts. */
  readonly price: bigint;
}

export interface ModelEffects extends Effects {
  readonly model: string;
  readonly before: bigint;
  readonly now: bigint;
}

const NOTHING: ModelUse = { cost: 0n, tokens: { input: 0n, output: 0n, cacheRead: 0n, cacheWrite5m: 0n, cacheWrite1h: 0n } };

const tokensOf = ({ tokens }: ModelUse): bigint => total(Object.values(tokens));

/** `ratesOf`: list prices to weigh classes of tokens by; undefined for models without one, where token mix and price are one. */
export function effectsByModel(
  now: ReadonlyMap<string, ModelUse>,
  before: ReadonlyMap<string, ModelUse>,
  ratesOf: (model: string) => TokenRates | undefined,
): ModelEffects[] {
  const all = { now: total([...now.values()].map(tokensOf)), before: total([...before.values()].map(tokensOf)) };
  return [...new Set([...now.keys(), ...before.keys()])].map((model) => {
    const uses = { now: now.get(model) ?? NOTHING, before: before.get(model) ?? NOTHING };
    return { model, before: uses.before.cost, now: uses.now.cost, ...effectsOf(uses, all, ratesOf(model)) };
  });
}

interface Both<Value> {
  readonly now: Value;
  readonly before: Value;
}

function effectsOf(use: Both<ModelUse>, all: Both<bigint>, rates: TokenRates | undefined): Effects {
  const [was, is] = [use.before.cost, use.now.cost];
  if (all.before === 0n) return { volume: is - was, modelMix: 0n, tokenMix: 0n, price: 0n };
  const tokens = { now: tokensOf(use.now), before: tokensOf(use.before) };
  const grown = (was * all.now) / all.before;
  if (tokens.before === 0n) return { volume: grown - was, modelMix: is - grown, tokenMix: 0n, price: 0n };
  const used = (was * tokens.now) / tokens.before;
  const listed = rates && { now: weighed(use.now.tokens, rates), before: weighed(use.before.tokens, rates) };
  const mixed = listed === undefined || listed.before === 0n ? used : (was * listed.now) / listed.before;
  return { volume: grown - was, modelMix: used - grown, tokenMix: mixed - used, price: is - mixed };
}

/** Not every client says for how long it writes to the cache: that one begins to must not look like other tokens, so all writes weigh the same. */
const weighed = (tokens: PricedTokens, rates: TokenRates): bigint => listCostOf(tokens, { ...rates, cacheWrite1h: rates.cacheWrite5m });

export const addEffects = (all: readonly Effects[]): Effects => ({
  volume: total(all.map(({ volume }) => volume)),
  modelMix: total(all.map(({ modelMix }) => modelMix)),
  tokenMix: total(all.map(({ tokenMix }) => tokenMix)),
  price: total(all.map(({ price }) => price)),
});
