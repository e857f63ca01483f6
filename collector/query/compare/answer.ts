/** What a comparison says: its shape, its units, its promises. */
import { z } from 'zod';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { ageSchema, amountSchema, hintSchema, usdSchema } from '../answer-schemas.ts';
import { rangeSchema } from '../compared-range.ts';
import { usageFields } from '../usage-figures.ts';

const ratio = z.number().nullable();

const itemSchema = z
  .object({
    name: z.string().describe('As shown.'),
    range: rangeSchema,
    is_running: z.boolean().describe('The time range goes on: its figures are those up to now.'),
    share: ratio.describe('Of the cost of everything in the time range; null between periods.'),
    ...usageFields,
    input_tokens: amountSchema,
    output_tokens: amountSchema,
    cache_read_tokens: amountSchema,
    cache_creation_tokens: amountSchema,
    latency_p50: ratio.describe('Seconds.'),
    latency_p95: ratio.describe('Seconds.'),
    errors: amountSchema,
    error_ratio: ratio,
    days: z.number().describe('That have passed of the time range; of a day that is cut, the part of it.'),
    cost_per_day_usd: usdSchema.nullable(),
    developers: z.number().int().nullable().describe('Known users with spend; null where the ledger keeps no users beside the dimension ready.'),
    cost_per_developer_usd: usdSchema.nullable(),
    cost_per_developer_day_usd: usdSchema.nullable().describe('Per developer and day of the time range.'),
    range_at_list_usd: usdSchema
      .nullable()
      .describe(
        'What all tokens of the time range would cost on this model at the list price that holds at its end; null for all but models with a price.',
      ),
  })
  .meta({ id: 'ComparedItem' });
export type ComparedItem = z.infer<typeof itemSchema>;

export const comparisonSchema = z
  .object({
    of: z.enum([...DIMENSION_NAMES, 'period']),
    time_zone: z.string(),
    items: z.array(itemSchema).describe('In the order asked for; of all, the most expensive first.'),
    left_out: z.number().int().describe('Of all, so many had no place.'),
    total: z.object(usageFields).nullable().describe('Of everything in the time range, compared or not; null between periods.'),
    ...ageSchema,
    hints: z.array(hintSchema).describe('For each value that no record has.'),
  })
  .meta({ id: 'Comparison' });
export type ComparisonAnswer = z.infer<typeof comparisonSchema>;
