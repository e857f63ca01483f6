/** The shapes of price files: tables of rates, and what is charged beside them. docs/prices.md describes the former. */
import { z } from 'zod';
import { aboveSchema, ratesSchema } from '../config/prices.ts';
import { day } from '../config/shapes.ts';

const source = z.string().min(1).max(300);

const row = z.strictObject({
  ...{ from: day, source: source.optional(), factors: z.boolean().optional() },
  ...{ normal: ratesSchema, fast: ratesSchema.optional(), above: aboveSchema.optional() },
});

export const priceFileSchema = z.strictObject({
  version: z.literal(1),
  currency: z.literal('USD'),
  /** What rows name in short. */
  sources: z.record(z.string().min(1), source).optional(),
  models: z.record(z.string().min(1), z.array(row).min(1).refine(hasDistinctDays, 'has two rows for one day')),
  retirements: z.record(z.string().min(1), z.strictObject({ on: day, source })).optional(),
});

function hasDistinctDays(rows: readonly { readonly from: string }[]): boolean {
  return new Set(rows.map(({ from }) => from)).size === rows.length;
}

export const PRICE_FILE = { what: 'price table', key: 'models.prices_file', page: 'docs/prices.md', schema: priceFileSchema } as const;

const decimal = z.string().regex(/^\d{1,3}(\.\d{1,6})?$/);
const names = z.array(z.string());

const modifiersSchema = z.strictObject({
  version: z.literal(1),
  factors: z.array(
    z.strictObject({
      ...{ name: z.string(), from: day, times: decimal, source },
      ...{ providers: names.optional(), regions: names.optional(), except_regions: names.optional(), except_models: names.optional() },
      ...{ inference_geos: names.optional(), batch: z.literal(true).optional() },
    }),
  ),
  fast: z.array(z.strictObject({ from: day, times: decimal, providers: names, source })),
  web_search: z.array(z.strictObject({ from: day, usd: decimal, source })).min(1),
});

export const MODIFIERS_FILE = { what: 'table of modifiers', key: 'models.prices_file', page: 'docs/prices.md', schema: modifiersSchema } as const;
