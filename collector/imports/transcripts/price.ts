/** What requests of transcripts cost at the built-in list prices: for who only looks. A collector prices them by its own. */
import { normalizeModel } from '../../ingest/claude-code/model-names.ts';
import type { PriceBook } from '../../pricing/price-book.ts';
import type { RequestTokens } from '../../pricing/tokens.ts';
import type { CollectedRequest } from './collect.ts';
import { type TranscriptTokens, writesOf } from './request.ts';

export interface TranscriptCost {
  /** Pico-dollars. */
  readonly cost: bigint;
  /** Tokens without a list price, by model. */
  readonly unpriced: Readonly<Record<string, number>>;
}

const NOTHING_MORE = { iterations: [], webSearches: 0 };

export function costOf(requests: readonly CollectedRequest[], prices: PriceBook): TranscriptCost {
  let cost = 0n;
  const unpriced: Record<string, number> = {};
  for (const request of requests) {
    for (const { model: sent, tokens, iterations, webSearches } of [
      request,
      ...request.advisors.map((advisor) => ({ ...NOTHING_MORE, ...advisor })),
    ]) {
      const { model, region, speed = request.speed === 'fast' ? 'fast' : 'normal' } = normalizeModel(sent);
      const circumstances = { speed, region, webSearches, inferenceGeo: request.inferenceGeo };
      const options = iterations.length > 0 ? { ...circumstances, iterations: iterations.map(classesOf) } : circumstances;
      const listed = prices.listCost(model, classesOf(tokens), request.timeMs, options);
      if (listed !== undefined) cost += listed;
      else unpriced[model] = (unpriced[model] ?? 0) + tokens.input + tokens.output + tokens.cacheRead + tokens.cacheCreation;
    }
  }
  return { cost, unpriced };
}

const classesOf = (tokens: TranscriptTokens): RequestTokens => {
  const { input, output, cacheRead } = tokens;
  return { input, output, cacheRead, ...writesOf(tokens) };
};
