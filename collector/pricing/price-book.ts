/**
 * The price book: what tokens cost on the day they were used, at list price and as agreed. Prices are dated data (anthropic.yaml,
 * modifiers.yaml and the operator's own file); a new price is a new row, so that the past is never restated.
 */
import { LRUCache } from 'lru-cache';
import type { PicoUsd } from '../core/money.ts';
import type { Circumstances } from './circumstances.ts';
import { type Modifiers, NO_MODIFIERS } from './modifiers.ts';
import { holdingAt, type PricePeriod, type PriceTable, periodsOf, toPeriod } from './periods.ts';
import { costOf, costOfParts, promptTokens, ratesFor, tokenPrices, type UnitPrices, uncache } from './request-cost.ts';
import { type Tariff, tariffsOf } from './tariff.ts';
import { NO_TERMS, settled, type Terms, termsOf } from './terms.ts';
import type { RequestTokens } from './tokens.ts';

export type { Circumstances } from './circumstances.ts';
export type { PriceOrigin, PricePeriod, PriceRow, PriceTable } from './periods.ts';
export type { Rates, TokenRates } from './rates.ts';
export type { Price as ScaledPrice, Tariff } from './tariff.ts';

export interface PriceOptions extends Circumstances {
  /** "fast", or anything else. */
  readonly speed?: string | undefined;
  readonly webSearches?: number | undefined;
  /**
   * Tokens of each iteration of the request, where they are known: then each has the band of its own prompt. They count only where they
   * add up to the tokens of the request.
   */
  readonly iterations?: readonly RequestTokens[] | undefined;
}

/** What one request costs, in pico-dollars. Exact, but for half a pico-dollar where a discount leaves a fraction. */
export interface ListPrice {
  /** As published, with the factors of its region, provider, batch and inference. */
  readonly cost: PicoUsd;
  /** The same without a prompt cache: every input token, read from it or written to it, at the price of uncached input. */
  readonly uncached: PicoUsd;
  /** As agreed: list price with discounts, 0 within capacity that is paid for, or the rates of an override. */
  readonly contracted: PicoUsd;
}

export interface PriceBook {
  /** Undefined when the model, or the model at this speed, has no list price. */
  listPrice(model: string, tokens: RequestTokens, timeMs: number, options?: PriceOptions): ListPrice | undefined;
  /** The cost at list price alone. */
  listCost(model: string, tokens: RequestTokens, timeMs: number, options?: PriceOptions): PicoUsd | undefined;
  /**
   * What one token of each class costs in a request with a prompt of ordinary length, in pico-dollars, to the nearest. Undefined when the
   * model, or the model at this speed, has no list price.
   */
  unitPrices(model: string, timeMs: number, options?: PriceOptions): UnitPrices | undefined;
  /** Models that have a price, for views that say what is covered. */
  readonly models: readonly string[];
  /** What a model's tokens cost from when on, oldest first, before any factor. Empty for a model without a price. */
  history(model: string): readonly PricePeriod[];
  /** What holds under given circumstances, factors and terms included, oldest first. Empty for a model without a price. */
  tariffs(model: string, circumstances?: Circumstances): readonly Tariff[];
}

export interface PriceBookOptions {
  /** Of models that no table has: what was learnt up to now. Another object when there is more. */
  readonly learnt?: () => PriceTable;
  readonly modifiers?: Modifiers;
  readonly terms?: Terms;
}

/** Clients choose provider and region: no more combinations than these are kept. */
const TARIFFS_MAX = 2_000;

/** The first table is what is published; later ones are the operator's own, to whose rates no factor applies. */
export function createPriceBook(
  tables: readonly PriceTable[],
  { modifiers = NO_MODIFIERS, terms = NO_TERMS, learnt = nothing }: PriceBookOptions = {},
): PriceBook {
  const periods = periodsOf(tables);
  const known = new LRUCache<string, readonly Tariff[]>({ max: TARIFFS_MAX });
  const learning = learntPeriods(learnt, () => known.clear());
  const periodsAbout = (model: string): readonly PricePeriod[] => periods.get(model) ?? learning().get(model) ?? [];

  const tariffs = (model: string, circumstances: Circumstances = {}): readonly Tariff[] => {
    learning();
    const { provider = '', region = '', batch = false, inferenceGeo = '' } = circumstances;
    const key = `${model}\n${provider}\n${region}\n${inferenceGeo}\n${batch}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = tariffsOf({
      periods: periodsAbout(model),
      factors: modifiers.factorsOf(model, circumstances),
      fast: modifiers.fastOf(circumstances),
      terms: termsOf(terms, model, circumstances),
    });
    known.set(key, made);
    return made;
  };

  const listPrice: PriceBook['listPrice'] = (model, tokens, timeMs, given = {}) => {
    const options = settled(terms.assumed, model, timeMs, given);
    const tariff = holdingAt(tariffs(model, options), timeMs);
    if (tariff === undefined || isBatchInFastMode(options)) return undefined;
    const tokensCost = priceTokens(tariff, tokens, options);
    const searches = options.webSearches ?? 0;
    if (tokensCost === undefined || searches === 0) return tokensCost;
    const searched = BigInt(searches) * modifiers.webSearch(timeMs);
    return { cost: tokensCost.cost + searched, uncached: tokensCost.uncached + searched, contracted: tokensCost.contracted + searched };
  };

  return {
    listPrice,
    listCost: (model, tokens, timeMs, options) => listPrice(model, tokens, timeMs, options)?.cost,
    unitPrices(model, timeMs, given = {}) {
      const options = settled(terms.assumed, model, timeMs, given);
      const tariff = holdingAt(tariffs(model, options), timeMs);
      return tariff && unitPricesOf(tariff, options.speed === 'fast');
    },
    get models() {
      return [...new Set([...periods.keys(), ...learning().keys()])];
    },
    history: periodsAbout,
    tariffs,
  };
}

const NOTHING: PriceTable = {};
const nothing = (): PriceTable => NOTHING;

/** The periods of what is learnt; `changed` is called before they are others than the last time. */
function learntPeriods(learnt: () => PriceTable, changed: () => void): () => ReadonlyMap<string, readonly PricePeriod[]> {
  let table: PriceTable = NOTHING;
  let periods: ReadonlyMap<string, readonly PricePeriod[]> = new Map();
  return () => {
    const now = learnt();
    if (now === table) return periods;
    table = now;
    periods = new Map(Object.entries(now).map(([model, rows]) => [model, rows.map((row) => toPeriod(row, 'learnt'))]));
    changed();
    return periods;
  };
}

/** There is no such thing. */
const isBatchInFastMode = ({ batch, speed }: PriceOptions): boolean => batch === true && speed === 'fast';

function priceTokens({ list, contracted }: Tariff, tokens: RequestTokens, { speed, iterations }: PriceOptions): ListPrice | undefined {
  const isFast = speed === 'fast';
  if (iterations !== undefined && addUpTo(iterations, tokens)) {
    const cost = costOfParts(iterations, list, isFast);
    const uncached = costOfParts(iterations, list, isFast, uncache);
    if (cost === undefined || uncached === undefined) return undefined;
    return { cost, uncached, contracted: costOfParts(iterations, contracted, isFast) ?? cost };
  }
  const rates = ratesFor(list, tokens, isFast);
  if (rates === undefined) return undefined;
  const cost = costOf(tokens, rates, list.denominator);
  const uncached = costOf(uncache(tokens), rates, list.denominator);
  // What was agreed without a word about fast mode leaves its price as it is published.
  const agreed = contracted === list ? undefined : ratesFor(contracted, tokens, isFast);
  return { cost, uncached, contracted: agreed === undefined ? cost : costOf(tokens, agreed, contracted.denominator) };
}

function unitPricesOf({ list, contracted }: Tariff, isFast: boolean): UnitPrices | undefined {
  const [published, agreed] = isFast ? [list.fast, contracted.fast] : [list.normal, contracted.normal];
  if (published === undefined) return undefined;
  const prices = tokenPrices(published, list.denominator);
  return { list: prices, contracted: agreed === undefined ? prices : tokenPrices(agreed, contracted.denominator) };
}

function addUpTo(iterations: readonly RequestTokens[], tokens: RequestTokens): boolean {
  const sum = (count: (part: RequestTokens) => number): number => iterations.reduce((all, part) => all + count(part), 0);
  return sum(promptTokens) === promptTokens(tokens) && sum(({ output }) => output) === tokens.output;
}

/** The prices of a model that hold at an instant; undefined where it has none. */
export const priceAt = (prices: Pick<PriceBook, 'history'>, model: string, atMs: number): PricePeriod | undefined =>
  holdingAt(prices.history(model), atMs);
