/** List prices as they hold now and as they changed, and what the tokens of this month would cost on another model. */

import type { GaugeName } from '../../catalog/gauges.ts';
import { DAY_MS, MINUTE_MS } from '../../core/duration.ts';
import { toFloatUsd } from '../../core/money.ts';
import { periodAround } from '../../core/time-range.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import { type PricePeriod, priceAt, type TokenRates } from '../../pricing/price-book.ts';
import { listCostOf, newestModels, type PricedTokens, pricedTokens, RATE_OF_CLASS, TOKEN_MEASURES } from '../token-prices.ts';
import { sumIn } from '../totals.ts';
import { type GaugeContext, type GaugeReading, type GaugeSample, oncePerContext } from './gauge.ts';

const MODELS_MAX = 10_000;
const CHANGE_DAYS = 400;
const REPRICINGS_MAX = 20;

interface Change {
  readonly fromMs: number;
  readonly words: string;
}

/** USD for a million tokens, from pico-dollars for one. */
const perMillion = (rate: number): number => rate / 1e6;

interface Month {
  readonly models: readonly string[];
  /** Of all models together. */
  readonly tokens: PricedTokens;
}

const thisMonth = oncePerContext(async ({ reader, calendar, nowMs, where }: GaugeContext): Promise<Month> => {
  const { rows, totals } = await reader.query({
    measures: TOKEN_MEASURES,
    by: ['model'],
    ...periodAround('month', nowMs, calendar),
    grain: 'total',
    timeZone: calendar.timeZone,
    where,
    rowsMax: MODELS_MAX,
    beyond: 'other',
  });
  return { models: rows.map(({ key: [model = ''] }) => model), tokens: pricedTokens(sumIn(TOKEN_MEASURES, totals)) };
});

/** Models in use this month, and those that could be used instead, with the prices that hold now. */
async function pricesNow(context: GaugeContext): Promise<{ readonly model: string; readonly period: PricePeriod }[]> {
  const { prices, nowMs } = context;
  const { models: used } = await thisMonth(context);
  const models = new Set([...newestModels(prices, nowMs), ...used]);
  return [...models].sort().flatMap((model) => {
    const period = priceAt(prices, model, nowMs);
    return period === undefined ? [] : [{ model, period }];
  });
}

/** A price holds for everybody: of what a reader chose, only models narrow it. */
async function listPrices(context: GaugeContext): Promise<GaugeSample[]> {
  const chosen = context.where.find(({ dimension }) => dimension === 'model')?.values;
  return (await pricesNow(context))
    .filter(({ model }) => chosen === undefined || chosen.includes(model))
    .flatMap(({ model, period: { normal } }) =>
      Object.entries(RATE_OF_CLASS).map(([name, rate]) => ({ labels: [model, name], value: perMillion(normal[rate]) })),
    );
}

async function alternatives(context: GaugeContext): Promise<GaugeSample[]> {
  const { tokens } = await thisMonth(context);
  if (Object.values(tokens).every((count) => count === 0n)) return [];
  return (await pricesNow(context)).map(({ model, period }) => ({ labels: [model], value: toFloatUsd(listCostOf(tokens, period.normal)) }));
}

async function priceChanges({ reader, prices, calendar, nowMs, where }: GaugeContext): Promise<GaugeSample[]> {
  const sinceMs = nowMs - CHANGE_DAYS * DAY_MS;
  const { rows } = await reader.query({
    measures: ['cost'],
    by: ['model'],
    fromMs: periodAround('month', sinceMs, calendar).fromMs,
    grain: 'total',
    timeZone: calendar.timeZone,
    where,
    rowsMax: MODELS_MAX,
    beyond: 'other',
  });
  const repriced = await repricedModels(reader);
  return rows.flatMap(({ key: [model = ''] }) =>
    [...changesOf(prices.history(model)), ...(repriced.get(model) ?? [])].flatMap(({ fromMs, words }) =>
      fromMs < sinceMs || fromMs > nowMs ? [] : [{ labels: [model, words], value: fromMs / 1000 }],
    ),
  );
}

/** When what was booked for a model moved, the newest times. */
async function repricedModels(reader: Pick<LedgerSnapshot, 'repricings'>): Promise<ReadonlyMap<string, readonly Change[]>> {
  const changes = new Map<string, Change[]>();
  for (const { endedMs, outcome } of (await reader.repricings()).slice(0, REPRICINGS_MAX)) {
    if (endedMs === undefined || outcome === undefined) continue;
    const words = `repriced at ${new Date(endedMs).toISOString()}`;
    for (const model of new Set(outcome.shares.map((share) => share.model)))
      changes.getOrInsertComputed(model, () => []).push({ fromMs: endedMs, words });
  }
  return changes;
}

/** Every row after a model's first that is not the same as the one before it. */
function changesOf(history: readonly PricePeriod[]): Change[] {
  return history.slice(1).flatMap((period, index) => {
    const before = history[index];
    const words = before === undefined ? [] : differences(before, period);
    return words.length === 0 ? [] : [{ fromMs: period.fromMs, words: words.join(', ') }];
  });
}

function differences(before: PricePeriod, after: PricePeriod): string[] {
  const words = ratesDiffer(before.normal, after.normal, '');
  if (before.fast === undefined && after.fast !== undefined) words.push(`fast mode begins at input ${usd(after.fast.input)}`);
  if (before.fast !== undefined && after.fast === undefined) words.push('fast mode ends');
  if (before.fast !== undefined && after.fast !== undefined) words.push(...ratesDiffer(before.fast, after.fast, 'fast '));
  if (before.longPromptTokens !== after.longPromptTokens) words.push(bandWords(after.longPromptTokens));
  else if (Number.isFinite(after.longPromptTokens)) words.push(...ratesDiffer(before.long, after.long, 'long prompts '));
  return words;
}

const ratesDiffer = (before: TokenRates, after: TokenRates, prefix: string): string[] =>
  Object.entries(RATE_OF_CLASS).flatMap(([name, rate]) =>
    before[rate] === after[rate] ? [] : [`${prefix}${name} ${usd(before[rate])} to ${usd(after[rate])}`],
  );

const usd = (rate: number): string => String(perMillion(rate));
const bandWords = (tokens: number): string =>
  Number.isFinite(tokens) ? `prompts beyond ${tokens} tokens cost more` : 'one price for prompts of any length';

export const PRICE_READINGS = {
  list_price: {
    maxAgeMs: MINUTE_MS,
    read: listPrices,
  },
  price_change: {
    maxAgeMs: 15 * MINUTE_MS,
    read: priceChanges,
  },
  alternative_cost: {
    maxAgeMs: MINUTE_MS,
    read: alternatives,
  },
} satisfies Partial<Record<GaugeName, GaugeReading>>;
