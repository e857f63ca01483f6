/** What statement lines come to in measures of the ledger: tokens by class, the source's own cost, and list price where there is one. */
import { startOfDay } from '../../core/day.ts';
import { HOUR_MS } from '../../core/duration.ts';
import type { PriceBook, PriceOptions } from '../../pricing/price-book.ts';
import type { RequestTokens } from '../../pricing/tokens.ts';
import type { StatementLine, TokenClass } from '../statement-line.ts';

/** Measures that history is booked in, and compared by. */
export const HISTORY_MEASURES = [
  ...(['cost', 'cost_list', 'cost_contracted', 'cost_estimated', 'cost_list_uncached', 'cost_list_uncertain'] as const),
  ...(['requests', 'input_tokens', 'output_tokens', 'cache_read_tokens'] as const),
  ...(['cache_creation_tokens', 'cache_creation_1h_tokens', 'unpriced_tokens'] as const),
] as const;
export type HistoryMeasure = (typeof HISTORY_MEASURES)[number];
/** Money in pico-dollars. What is absent is zero: the ledger adds up. */
export type HistoryAmounts = Partial<Record<HistoryMeasure, bigint>>;

export type HistoryLine = StatementLine & { readonly day: string };
export type HistoryPrices = Pick<PriceBook, 'listPrice' | 'history'>;

export const noonOf = (day: string): number => startOfDay(day) + 12 * HOUR_MS;

/** Lines of one user, day and model. Where the source has no cost of its own, it is list price. */
export function amountsOf(lines: readonly HistoryLine[], prices: HistoryPrices): HistoryAmounts {
  const sums: HistoryAmounts = {};
  let estimated: bigint | undefined;
  for (const line of lines) {
    if (line.estimated !== undefined) estimated = (estimated ?? 0n) + line.estimated;
    addAmounts(sums, countsOf(line));
    addAmounts(sums, pricesOf(line, prices));
  }
  const listed = sums.cost_list ?? 0n;
  addAmounts(sums, estimated === undefined ? { cost: listed, cost_estimated: listed } : { cost: estimated });
  return sums;
}

/** Adds to `sums`; `sign` -1 takes away. */
export function addAmounts(sums: HistoryAmounts, more: HistoryAmounts, sign: 1n | -1n = 1n): void {
  for (const name of HISTORY_MEASURES) {
    const amount = (sums[name] ?? 0n) + sign * (more[name] ?? 0n);
    if (amount === 0n) delete sums[name];
    else sums[name] = amount;
  }
}

const SEARCHES = 'web_search';

function countsOf({ tokenClass, tokens = 0, requests = 0, costType }: HistoryLine): HistoryAmounts {
  const counted = BigInt(tokens);
  const shared: HistoryAmounts = costType === SEARCHES ? {} : { requests: BigInt(requests) };
  switch (tokenClass) {
    case 'input':
      return { ...shared, input_tokens: counted };
    case 'output':
      return { ...shared, output_tokens: counted };
    case 'cache_read':
      return { ...shared, cache_read_tokens: counted };
    case 'cache_write':
    case 'cache_write_5m':
      return { ...shared, cache_creation_tokens: counted };
    case 'cache_write_1h':
      return { ...shared, cache_creation_tokens: counted, cache_creation_1h_tokens: counted };
    default:
      return shared;
  }
}

const NOTHING: RequestTokens = { input: 0, output: 0, cacheRead: 0, cacheCreation5m: 0, cacheCreation1h: 0 };
/** The bound of the one band that records know, and what they call those above it. */
const LONG_PROMPT = 200_000;
const LONG = '200k-1M';

const CLASSES: Readonly<Record<TokenClass, keyof RequestTokens>> = {
  ...{ input: 'input', output: 'output', cache_read: 'cacheRead' },
  // Of a lifetime that is not known: as in list cost, the shorter one.
  ...{ cache_write: 'cacheCreation5m', cache_write_5m: 'cacheCreation5m', cache_write_1h: 'cacheCreation1h' },
};
const isClass = (name: string | undefined): name is TokenClass => name !== undefined && Object.hasOwn(CLASSES, name);

interface Rate {
  readonly list: bigint;
  readonly contracted: bigint;
  readonly uncached: bigint;
}

function pricesOf(line: HistoryLine, prices: HistoryPrices): HistoryAmounts {
  const { tokens = 0, tokenClass, requests = 0, costType } = line;
  if (costType === SEARCHES) return searchesCost(line, requests, prices);
  if (tokens === 0) return {};
  const count = BigInt(tokens);
  const name = isClass(tokenClass) ? CLASSES[tokenClass] : undefined;
  const rate = name && rateOf(line, name, prices);
  if (rate === undefined) return { unpriced_tokens: count };
  const hour = tokenClass === 'cache_write' ? rateOf(line, 'cacheCreation1h', prices) : undefined;
  return {
    ...{ cost_list: count * rate.list, cost_contracted: count * rate.contracted, cost_list_uncached: count * rate.uncached },
    ...(hour !== undefined && { cost_list_uncertain: count * (hour.list - rate.list) }),
  };
}

function searchesCost(line: HistoryLine, webSearches: number, prices: HistoryPrices): HistoryAmounts {
  const price = prices.listPrice(line.model ?? '', NOTHING, noonOf(line.day), { ...optionsOf(line), webSearches });
  return price === undefined ? {} : { cost_list: price.cost, cost_contracted: price.contracted, cost_list_uncached: price.uncached };
}

/** Of one token: a line is about many requests, so what it is about says nothing of the length of a prompt, but its context window does. */
function rateOf(line: HistoryLine, name: keyof RequestTokens, prices: HistoryPrices): Rate | undefined {
  const { model = '', day } = line;
  const isLong = line.contextWindow === LONG && prices.history(model).some(({ longPromptTokens }) => longPromptTokens === LONG_PROMPT);
  const base = { ...NOTHING, input: isLong ? LONG_PROMPT + 1 : 0 };
  const price = (tokens: RequestTokens) => prices.listPrice(model, tokens, noonOf(day), optionsOf(line));
  const [before, after] = [price(base), price({ ...base, [name]: base[name] + 1 })];
  if (before === undefined || after === undefined) return undefined;
  return { list: after.cost - before.cost, contracted: after.contracted - before.contracted, uncached: after.uncached - before.uncached };
}

function optionsOf({ speed, serviceTier, provider, region, inferenceGeo }: HistoryLine): PriceOptions {
  return {
    ...{ speed: speed === 'fast' ? 'fast' : 'normal', region, inferenceGeo, batch: serviceTier === 'batch' },
    // Anthropic's own records name it; clients say firstParty.
    provider: provider === 'anthropic' ? 'firstParty' : provider,
  };
}
