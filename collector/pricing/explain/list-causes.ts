/** The request's own list price, seen otherwise: other lifetimes of cache writes, a surcharge, the length of iterations, a percentage. */
import { pricesLifetimesApart } from '../../catalog/client-faults.ts';
import type { PicoUsd } from '../../core/money.ts';
import { greatestCommonDivisor } from '../fraction.ts';
import type { TokenRates } from '../price-book.ts';
import { promptTokens } from '../request-cost.ts';
import type { RequestTokens } from '../tokens.ts';
import { agrees, isExactly, multipleOf } from './agreement.ts';
import { type Case, type Cause, type FindCause, readingAt } from './case.ts';
import { allFiveMinutes, allOneHour, costOf, withHourWrites, writesOf } from './cost-of.ts';
import { listOf } from './list-of.ts';
import type { ReportedRequest } from './request.ts';

/** One web search, 0.01 USD. */
const SEARCH: PicoUsd = 10_000_000_000n;
/** Of one request. */
const SEARCHES_MAX = 100n;
/** US-only inference, in percent of list price. Web searches are outside of it. */
const US_ONLY = 110n;
/** A markup of more could as well be two requests. */
const PERCENT_MAX = 199n;

export const asList: FindCause = (found) => {
  const settles = found.readings.find((reading) => {
    const list = listOf(found.prices, found.request, reading);
    return list !== undefined && agrees(found.reported, list.cost);
  });
  return settles && { basis: 'list', detail: '', settles };
};

/** The client says which lifetimes its cache writes had, and its cost is that of others. */
export const ofOtherLifetime: FindCause = ({ request: { tokens }, isKnown, rates, reported }) => {
  if (!isKnown || rates === undefined || writesOf(tokens) === 0) return undefined;
  if (agrees(reported, costOf(allFiveMinutes(tokens), rates))) return { basis: 'cache_lifetime', detail: 'all of them as five-minute writes' };
  if (agrees(reported, costOf(allOneHour(tokens), rates))) return { basis: 'cache_lifetime', detail: 'all of them as one-hour writes' };
  return undefined;
};

/** What the configuration says was agreed. Where it says nothing, that is list price. */
export const asContracted: FindCause = (found) => {
  const settles = found.readings.find((reading) => {
    const price = listOf(found.prices, found.request, reading);
    return price !== undefined && price.contracted !== price.cost && agrees(found.reported, price.contracted);
  });
  return settles && { basis: 'discount', detail: 'as the configuration has them', settles };
};

export const withSurcharge: FindCause = (found) => {
  const { rates, request } = found;
  if (rates === undefined) return undefined;
  // The book has a factor, for the region of a cloud or for what is assumed of inference, and the client has not.
  const bare = readingAt(found, rates);
  if (bare !== undefined) {
    return {
      basis: 'surcharge',
      detail: request.region ? `without that of the region ${request.region}` : 'without one that list price has',
      settles: bare,
    };
  }
  return surchargeOf(found, rates, maySearch(request) ? SEARCHES_MAX : 0n);
};

/** The client searches in requests of their own. Elsewhere searches are looked for last: an advisor may cost as much. */
export const withUnexpectedSearches: FindCause = (found) => found.rates && surchargeOf(found, found.rates, SEARCHES_MAX);

const maySearch = ({ querySource = '' }: ReportedRequest): boolean => ['', 'web_search_tool', 'auxiliary'].includes(querySource);

function surchargeOf({ readings, reported }: Case, rates: TokenRates, searchesMax: bigint): Cause | undefined {
  for (const percent of [100n, US_ONLY]) {
    for (const settles of readings) {
      const cost = (costOf(settles, rates) * percent) / 100n;
      const searches = multipleOf(reported - cost, SEARCH, reported);
      if (searches === undefined || searches > searchesMax) continue;
      return { basis: 'surcharge', detail: surchargeWords(percent, searches), settles };
    }
  }
  return undefined;
}

function surchargeWords(percent: bigint, searches: bigint): string {
  const searched = searches === 1n ? '1 web search' : `${searches} web searches`;
  if (percent === 100n) return searched;
  return searches === 0n ? '10 %, as for US-only inference' : `10 %, as for US-only inference, and ${searched}`;
}

/**
 * A long prompt is priced by the lengths of the iterations it was made of, which are not reported: so all of them at the price of short
 * prompts, or some, which is as much as can be said.
 */
export const ofIterations: FindCause = (found) => {
  const { period, request, readings } = found;
  if (period === undefined || request.speed === 'fast' || promptTokens(request.tokens) <= period.longPromptTokens) return undefined;
  const settles = readingAt(found, period.normal);
  if (settles !== undefined) return { basis: 'iteration_bands', detail: 'all at the price of short prompts', settles };
  const { normal, long, longPromptTokens } = period;
  return readings.some((reading) => isMixOfBands(found, reading, { normal, long, longPromptTokens }))
    ? { basis: 'iteration_bands', detail: 'some at the price of short prompts; which ones is not reported' }
    : undefined;
};

interface Bands {
  readonly normal: TokenRates;
  readonly long: TokenRates;
  readonly longPromptTokens: number;
}

/** Is what the cost has beyond the price of short prompts that of whole tokens, and of enough of them for one iteration with a long prompt? */
function isMixOfBands({ reported }: Case, reading: RequestTokens, { normal, long, longPromptTokens }: Bands): boolean {
  const beyond = reported - costOf(reading, normal);
  const more = RATE_NAMES.map((name) => BigInt(long[name] - normal[name]));
  if (more.some((difference) => difference <= 0n)) return false;
  const least = BigInt(Math.min(...PROMPT_RATES.map((name) => long[name] - normal[name]))) * BigInt(longPromptTokens + 1);
  if (beyond < least || reported >= costOf(reading, long)) return false;
  return multipleOf(beyond, more.reduce(greatestCommonDivisor), reported) !== undefined;
}

const PROMPT_RATES = ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const satisfies readonly (keyof TokenRates)[];
const RATE_NAMES = ['output', ...PROMPT_RATES] as const;

/**
 * Some cache writes for an hour, the others for five minutes: one unknown, so the cost has one solution or none. After the causes that have
 * none to solve, since one request in a hundred that any of them explains would have a solution, too.
 */
export const asListOfBothLifetimes: FindCause = ({ isKnown, rates, request: { tokens, clientVersion = '' }, reported }) => {
  if (isKnown || rates === undefined || !pricesLifetimesApart(clientVersion)) return undefined;
  const more = BigInt(rates.cacheWrite1h - rates.cacheWrite5m);
  if (more <= 0n) return undefined;
  const hourWrites = multipleOf(reported - costOf(allFiveMinutes(tokens), rates), more, reported);
  if (hourWrites === undefined || hourWrites > BigInt(writesOf(tokens))) return undefined;
  return { basis: 'list', detail: '', settles: withHourWrites(tokens, Number(hourWrites)) };
};

/** Managed prices are a percentage of list price, with one rate for cache writes of any lifetime. */
export const atPercentage: FindCause = ({ rates, readings, request: { tokens }, reported }) => {
  if (rates === undefined) return undefined;
  for (const reading of [...readings, allFiveMinutes(tokens)]) {
    const list = costOf(reading, rates);
    if (list === 0n) continue;
    const percent = (reported * 100n + list / 2n) / list;
    // Nothing at all is a price, too; what rounds to it is none.
    if ((percent < 1n && reported > 0n) || percent > PERCENT_MAX || !isExactly(reported * 100n, list * percent)) continue;
    return { basis: 'discount', detail: percent < 100n ? `${100n - percent} % below list price` : `${percent - 100n} % above list price` };
  }
  return undefined;
};
