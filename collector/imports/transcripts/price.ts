/** What requests of transcripts cost at the built-in list prices: for who only looks. A collector prices them by its own. */
import { normalizeModel } from '../../ingest/claude-code/model-names.ts';
import type { PriceBook } from '../../pricing/price-book.ts';
import type { CollectedRequest } from './collect.ts';
import type { TranscriptTokens } from './request.ts';

export interface TranscriptCost {
  /** Pico-dollars. */
  readonly cost: bigint;
  /** Tokens without a list price, by model. */
  readonly unpriced: Readonly<Record<string, number>>;
}

export function costOf(requests: readonly CollectedRequest[], prices: PriceBook): TranscriptCost {
  let cost = 0n;
  const unpriced: Record<string, number> = {};
  for (const { model: own, tokens: ownTokens, advisors, timeMs, speed } of requests) {
    for (const { model: sent, tokens } of [{ model: own, tokens: ownTokens }, ...advisors]) {
      const { model } = normalizeModel(sent);
      const listed = prices.listCost(model, classesOf(tokens), timeMs, { speed: speed === 'fast' ? 'fast' : 'normal' });
      if (listed !== undefined) cost += listed;
      else unpriced[model] = (unpriced[model] ?? 0) + tokens.input + tokens.output + tokens.cacheRead + tokens.cacheCreation;
    }
  }
  return { cost, unpriced };
}

function classesOf({ input, output, cacheRead, cacheCreation, cacheCreation1h = 0 }: TranscriptTokens) {
  const written1h = Math.min(cacheCreation1h, cacheCreation);
  return { input, output, cacheRead, cacheCreation5m: cacheCreation - written1h, cacheCreation1h: written1h };
}
