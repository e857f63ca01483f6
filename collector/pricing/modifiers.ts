/** Dated factors beside the list price: regions of clouds, batches, US-only inference, fast mode at a cloud, web searches. */
import { startOfDay } from '../core/day.ts';
import { type PicoUsd, parseUsd } from '../core/money.ts';
import { type Circumstances, providerOf } from './circumstances.ts';
import { type Fraction, fractionOf, ONE, product } from './fraction.ts';
import { holdingAt } from './periods.ts';

/** A row of modifiers.yaml; what it does not name does not matter. */
export interface FactorRow {
  readonly name: string;
  readonly from: string;
  readonly times: string;
  readonly providers?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly except_regions?: readonly string[] | undefined;
  readonly inference_geos?: readonly string[] | undefined;
  readonly batch?: true | undefined;
  readonly except_models?: readonly string[] | undefined;
  readonly source: string;
}

export interface ModifierRows {
  readonly factors: readonly FactorRow[];
  readonly fast: readonly { readonly from: string; readonly times: string; readonly providers: readonly string[]; readonly source: string }[];
  readonly web_search: readonly { readonly from: string; readonly usd: string; readonly source: string }[];
}

/** A factor that applies to a model under given circumstances, from its first day on. */
export interface Factor {
  readonly name: string;
  readonly fromMs: number;
  readonly times: Fraction;
  /** As it is written: "1.1". */
  readonly shown: string;
  readonly source: string;
}

export interface Modifiers {
  /** The factors that apply at some time. All that have begun are multiplied. */
  factorsOf(model: string, circumstances: Circumstances): readonly Factor[];
  /** How many times the normal rates fast mode costs at a provider; without any, the price of the table holds. */
  fastOf(circumstances: Circumstances): readonly Factor[];
  /** Of one search. */
  webSearch(atMs: number): PicoUsd;
}

export const NO_MODIFIERS: Modifiers = { factorsOf: () => [], fastOf: () => [], webSearch: () => 0n };

export function createModifiers({ factors, fast, web_search }: ModifierRows): Modifiers {
  const searches = web_search.map(({ from, usd }) => ({ fromMs: startOfDay(from), cost: parseUsd(usd) ?? 0n }));
  return {
    factorsOf: (model, circumstances) => factors.filter((row) => applies(row, model, circumstances)).map(toFactor),
    fastOf: (circumstances) =>
      fast.filter(({ providers }) => providers.includes(providerOf(circumstances))).map((row) => toFactor({ ...row, name: 'fast' })),
    webSearch: (atMs) => holdingAt(searches, atMs)?.cost ?? 0n,
  };
}

const toFactor = ({ name, from, times, source }: Pick<FactorRow, 'name' | 'from' | 'times' | 'source'>): Factor => ({
  ...{ name, source },
  fromMs: startOfDay(from),
  times: fractionOf(times),
  shown: times,
});

function applies(row: FactorRow, model: string, circumstances: Circumstances): boolean {
  const { region = '', inferenceGeo = '', batch = false } = circumstances;
  const isOne = (of: readonly string[] | undefined, value: string): boolean => of === undefined || of.includes(value);
  return (
    isOne(row.providers, providerOf(circumstances)) &&
    isOne(row.regions, region) &&
    isOne(row.inference_geos, inferenceGeo) &&
    (row.batch === undefined || batch) &&
    row.except_regions?.includes(region) !== true &&
    row.except_models?.includes(model) !== true
  );
}

/** All that have begun, multiplied. */
export const factorAt = (factors: readonly Factor[], atMs: number): Fraction =>
  factors.filter(({ fromMs }) => fromMs <= atMs).reduce((all, { times }) => product(all, times), ONE);
