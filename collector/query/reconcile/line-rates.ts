/** List prices of single tokens, for lines of records, which are about many requests. */

import { startOfDay } from '../../core/day.ts';
import { HOUR_MS } from '../../core/duration.ts';
import type { PriceBook, PriceOptions } from '../../pricing/price-book.ts';
import type { RequestTokens } from '../../pricing/tokens.ts';
import type { ByClass } from './cell.ts';
import type { LineRates, RatesOf, RecordLine } from './records.ts';

const NOTHING: RequestTokens = { input: 0, output: 0, cacheRead: 0, cacheCreation5m: 0, cacheCreation1h: 0 };
/** The bound of the one band that records know, and what they call those above it. */
const LONG_PROMPT = 200_000;
const LONG = '200k-1M';

/** As list cost has it: with the factors of provider and region, and with what the configuration assumes. */
export function lineRates(prices: Pick<PriceBook, 'listCost' | 'history'>): RatesOf {
  const known = new Map<string, LineRates | undefined>();
  return ({ model, day, speed, contextWindow, provider, region, inferenceGeo }) =>
    known.getOrInsertComputed(JSON.stringify([model, day, speed, contextWindow, provider, region, inferenceGeo]), () => {
      const atMs = startOfDay(day) + 12 * HOUR_MS;
      const isLong = contextWindow === LONG && prices.history(model).some(({ longPromptTokens }) => longPromptTokens === LONG_PROMPT);
      const rates = (more: PriceOptions) => tokenRates({ prices, model, atMs, isLong }, { speed, provider: clientsName(provider), region, ...more });
      const plain = rates({});
      const surcharged = inferenceGeo === '' ? plain : rates({ inferenceGeo });
      return plain && { plain, surcharged: surcharged ?? plain };
    });
}

/** Anthropic's own records name it; clients say firstParty. */
const clientsName = (provider: string): string => (provider === 'anthropic' ? 'firstParty' : provider);

interface Priced {
  readonly prices: Pick<PriceBook, 'listCost'>;
  readonly model: RecordLine['model'];
  readonly atMs: number;
  /** Of a prompt in the higher band: one token more than a prompt just above the bound. */
  readonly isLong: boolean;
}

function tokenRates({ prices, model, atMs, isLong }: Priced, options: PriceOptions): ByClass | undefined {
  const base = { ...NOTHING, input: isLong ? LONG_PROMPT + 1 : 0 };
  const before = prices.listCost(model, base, atMs, options);
  const rate = (name: keyof RequestTokens): bigint | undefined => {
    const cost = prices.listCost(model, { ...base, [name]: base[name] + 1 }, atMs, options);
    return cost === undefined || before === undefined ? undefined : cost - before;
  };
  const [input, output, cacheRead] = [rate('input'), rate('output'), rate('cacheRead')];
  const [cacheWrite5m, cacheWrite1h] = [rate('cacheCreation5m'), rate('cacheCreation1h')];
  if (input === undefined || output === undefined || cacheRead === undefined || cacheWrite5m === undefined || cacheWrite1h === undefined)
    return undefined;
  return { input, output, cacheRead, cacheWrite5m, cacheWrite1h };
}
