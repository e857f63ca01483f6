/** Cost and tokens by class, as those answers have them that people know from counters of their own machine: usage.ts, blocks.ts. */
import { z } from 'zod';
import type { MeasureName } from '../catalog/measures.ts';
import { showValue } from '../catalog/values.ts';
import { formatUsd } from '../core/money.ts';
import { amountSchema, usdSchema } from './answer-schemas.ts';
import { renderAmount } from './render.ts';
import { addTo, byName, largestFirst, total } from './totals.ts';

const TOKEN_MEASURES = ['input_tokens', 'output_tokens', 'cache_creation_tokens', 'cache_read_tokens'] as const satisfies readonly MeasureName[];

/** In the order in which the functions below take values. */
export const TOKEN_USAGE_MEASURES = ['cost', ...TOKEN_MEASURES] as const satisfies readonly MeasureName[];

const usageShape = {
  cost_usd: usdSchema,
  input_tokens: amountSchema,
  output_tokens: amountSchema,
  cache_creation_tokens: amountSchema,
  cache_read_tokens: amountSchema,
  total_tokens: amountSchema,
};
export const tokenUsageSchema = z.object(usageShape).meta({ id: 'TokenUsage' });
type TokenUsage = z.infer<typeof tokenUsageSchema>;

/** Those that used anything, the most expensive first. */
export const usageByModelShape = {
  ...usageShape,
  models: z.array(z.object({ model: z.string(), ...usageShape }).meta({ id: 'ModelUsage' })).describe('The most expensive first.'),
};
export type UsageByModel = TokenUsage & { readonly models: readonly ({ readonly model: string } & TokenUsage)[] };

export function renderTokenUsage([cost = 0n, ...tokens]: readonly bigint[]): TokenUsage {
  const [input = 0n, output = 0n, creation = 0n, read = 0n] = tokens;
  return {
    cost_usd: formatUsd(cost),
    input_tokens: renderAmount('input_tokens', input),
    output_tokens: renderAmount('output_tokens', output),
    cache_creation_tokens: renderAmount('cache_creation_tokens', creation),
    cache_read_tokens: renderAmount('cache_read_tokens', read),
    total_tokens: renderAmount('input_tokens', total([input, output, creation, read])),
  };
}

export interface ModelValues {
  /** As stored. */
  readonly model: string;
  readonly values: readonly bigint[];
}

/** Several models together, and each that used anything. */
export function renderByModel(models: readonly ModelValues[]): { usage: TokenUsage; models: UsageByModel['models'][number][] } {
  const sums: bigint[] = TOKEN_USAGE_MEASURES.map(() => 0n);
  for (const { values } of models) addTo(sums, values);
  const used = models.filter(({ values }) => values.some((value) => value !== 0n));
  const sorted = used.sort((a, b) => largestFirst(a.values[0] ?? 0n, b.values[0] ?? 0n) || byName(a.model, b.model));
  return {
    usage: renderTokenUsage(sums),
    models: sorted.map(({ model, values }) => ({ model: showValue('model', model), ...renderTokenUsage(values) })),
  };
}
