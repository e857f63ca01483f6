/** What rows about usage have in common: cost, requests, tokens, what one of them costs, and the cache. */
import { z } from 'zod';
import { figureValue, measuresOf, type Sum } from '../catalog/figure-values.ts';
import { type FigureName, figureUnit } from '../catalog/figures.ts';
import { formatUsd } from '../core/money.ts';
import { amountSchema, usdSchema } from './answer-schemas.ts';
import { renderExact } from './render.ts';

const FIGURES = [
  ...(['cost', 'requests', 'tokens', 'cost_per_request', 'cost_per_million_tokens', 'cache_hit_ratio', 'cache_savings'] as const),
] satisfies readonly FigureName[];

export const USAGE_MEASURES = measuresOf(FIGURES);

export const usageFields = {
  cost_usd: usdSchema,
  requests: amountSchema,
  tokens: amountSchema.describe('Of all classes.'),
  cost_usd_per_request: usdSchema.nullable(),
  cost_usd_per_million_tokens: usdSchema.nullable(),
  cache_hit_ratio: z.number().nullable().describe('Cache reads as a share of all input tokens.'),
  cache_savings_usd: usdSchema.nullable().describe('At list price, without models that have none; null where no model has one.'),
};

export const renderUsage = (sum: Sum) => ({
  cost_usd: formatUsd(sum('cost')),
  requests: renderExact('count', sum('requests')),
  tokens: renderExact('tokens', exact('tokens', sum)),
  cost_usd_per_request: usdFigure('cost_per_request', sum),
  cost_usd_per_million_tokens: usdFigure('cost_per_million_tokens', sum),
  cache_hit_ratio: ratioFigure('cache_hit_ratio', sum),
  cache_savings_usd: usdFigure('cache_savings', sum),
});

/** A figure that is a sum. */
const exact = (figure: FigureName, sum: Sum): bigint => BigInt(figureValue(figure, sum) ?? 0n);

/** A figure of money; null where there is nothing to divide by, or nothing that has a price. */
function usdFigure(figure: FigureName, sum: Sum): string | null {
  const value = figureValue(figure, sum);
  return typeof value === 'bigint' && figureUnit(figure) === 'usd' ? formatUsd(value) : null;
}

/** A ratio, a mean or a percentile; null where there is nothing to divide by. */
export function ratioFigure(figure: FigureName, sum: Sum): number | null {
  const value = figureValue(figure, sum);
  return typeof value === 'number' ? value : null;
}
