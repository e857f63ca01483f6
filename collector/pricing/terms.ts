/** What an organization pays instead of the list price: discounts, capacity that is paid for, rates of its own. By day, in order. */
import { startOfDay } from '../core/day.ts';
import { DAY_MS } from '../core/duration.ts';
import { type Circumstances, providerOf } from './circumstances.ts';
import type { PriceRow } from './periods.ts';
import type { Rates } from './rates.ts';

/** What a term is about. What it does not name does not matter; a request whose provider is not known is none of those named. */
export interface TermScope {
  readonly from?: string | undefined;
  /** The last day (UTC), included. */
  readonly until?: string | undefined;
  readonly providers?: readonly string[] | undefined;
  /** Normalized names; * stands for any characters. */
  readonly models?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
}

export interface Discount extends TermScope {
  /** Off the list price, more than 0 up to 100, with at most two decimals. */
  readonly percent: number;
  readonly classes?: readonly (keyof Rates)[] | undefined;
}

/** Its requests cost nothing beyond the fee. */
export interface Capacity extends TermScope {
  /** USD, a decimal string. */
  readonly monthly_usd: string;
}

/** Rates as agreed: no factor and no discount applies to them. */
export interface Override extends TermScope, Pick<PriceRow, 'normal' | 'fast' | 'above'> {}

/** Where requests are answered that do not report it. */
export interface Assumed extends Omit<TermScope, 'regions'> {
  readonly region?: string | undefined;
  readonly inference_geo?: string | undefined;
}

/** Of each list the first that applies counts; capacity goes before overrides, and overrides before discounts. */
export interface Terms {
  readonly assumed: readonly Assumed[];
  readonly discounts: readonly Discount[];
  readonly capacity: readonly Capacity[];
  readonly overrides: readonly Override[];
}

export const NO_TERMS: Terms = { assumed: [], discounts: [], capacity: [], overrides: [] };

export const beginsMs = ({ from }: TermScope): number => (from === undefined ? Number.NEGATIVE_INFINITY : startOfDay(from));
export const endsMs = ({ until }: TermScope): number => (until === undefined ? Number.POSITIVE_INFINITY : startOfDay(until) + DAY_MS);

export const holdsAt = (term: TermScope, atMs: number): boolean => beginsMs(term) <= atMs && atMs < endsMs(term);

/** The terms about a model under given circumstances, at any time. */
export function termsOf(terms: Terms, model: string, circumstances: Circumstances): Omit<Terms, 'assumed'> {
  const about = (term: TermScope): boolean => isAbout(term, model, circumstances);
  return { discounts: terms.discounts.filter(about), capacity: terms.capacity.filter(about), overrides: terms.overrides.filter(about) };
}

/** With what is assumed of a request that does not report it. */
export function settled<Options extends Circumstances>(assumed: readonly Assumed[], model: string, timeMs: number, options: Options): Options {
  if (assumed.length === 0) return options;
  const found = assumed.find((one) => holdsAt(one, timeMs) && isAbout(one, model, options));
  return found === undefined
    ? options
    : { ...options, region: options.region || found.region, inferenceGeo: options.inferenceGeo || found.inference_geo };
}

const isAbout = ({ providers, regions, models }: TermScope, model: string, circumstances: Circumstances): boolean =>
  isOneOf(providers, providerOf(circumstances)) &&
  isOneOf(regions, circumstances.region ?? '') &&
  (models === undefined || models.some((pattern) => matches(pattern, model)));

const isOneOf = (of: readonly string[] | undefined, value: string): boolean => of === undefined || of.includes(value);

export function matches(pattern: string, model: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return pattern === model;
  if (!model.startsWith(first) || !model.endsWith(last) || model.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts) {
    const found = model.indexOf(part, at);
    if (found === -1 || found + part.length > model.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}
