/** The section `prices` of the configuration: what is paid instead of the list price. */
import { z } from 'zod';
import { day, usd } from './shapes.ts';

const rate = z.string().regex(/^\d{1,6}(\.\d{1,6})?$/, 'must be USD per million tokens in quotes with at most six decimals, such as "3.75"');
export const ratesSchema = z.strictObject({ input: rate, output: rate, cache_write_5m: rate, cache_write_1h: rate, cache_read: rate });
export const aboveSchema = z.strictObject({ prompt_tokens: z.number().int().min(1), normal: ratesSchema });

const TOKEN_CLASSES = ['input', 'output', 'cache_write_5m', 'cache_write_1h', 'cache_read'] as const;

const names = z.array(z.string().min(1)).min(1).optional();

const scopeOfAll = {
  from: day.optional().describe('First UTC day. Default: since the beginning.'),
  until: day.optional().describe('Last UTC day, included. Default: without an end.'),
  providers: names.describe('As Claude Code reports them: firstParty, bedrock, vertex, foundry, … Default: all.'),
  models: names.describe('Normalized names; * stands for any characters, such as "claude-opus-*". Default: all.'),
};
const scope = { ...scopeOfAll, regions: names.describe('Values of the dimension region. Default: all.') };

const endsAfterItBegins = ({ from, until }: { readonly from?: string | undefined; readonly until?: string | undefined }): boolean =>
  from === undefined || until === undefined || from <= until;
const ENDS = { message: 'must not be before from', path: ['until'] };

const discount = z
  .strictObject({
    percent: z
      .number()
      .gt(0)
      .max(100)
      // Of doubles: 12.35 times 100 is no whole number to the last bit.
      .refine((percent) => Math.abs(percent * 100 - Math.round(percent * 100)) < 1e-9, 'must have at most two decimals')
      .describe('Off the list price.'),
    classes: z.array(z.enum(TOKEN_CLASSES)).min(1).optional().describe('Classes of tokens. Default: all.'),
    ...scope,
  })
  .refine(endsAfterItBegins, ENDS);

const capacity = z
  .strictObject({ monthly_usd: usd.describe('The fee of a month, which no request costs.'), ...scope })
  .refine(endsAfterItBegins, ENDS);

const override = z
  .strictObject({
    normal: ratesSchema.describe('USD per million tokens, as decimal strings.'),
    fast: ratesSchema.optional().describe('The same in fast mode. Default: the list price.'),
    above: aboveSchema.optional().describe('Rates for all tokens of requests with a longer prompt.'),
    ...scope,
  })
  .refine(endsAfterItBegins, ENDS);

const assumed = z
  .strictObject({
    region: z.string().min(1).optional().describe('Such as us or eu at Bedrock, or a region of Google Cloud.'),
    inference_geo: z.enum(['us']).optional().describe('us: inference stays in the United States (at Foundry: the US Data Zone).'),
    ...scopeOfAll,
  })
  .refine(endsAfterItBegins, ENDS);

export const pricesSchema = z
  .strictObject({
    learn: z.boolean().default(true).describe('Learn the price of a model that no table has from what clients charge for it.'),
    assumed: z
      .array(assumed)
      .default([])
      .describe('Where requests are answered, for those that do not report it: events of Bedrock and Google Cloud have no region. The first counts.'),
    discounts: z.array(discount).default([]).describe('Of each class of tokens, the first discount that applies counts; they do not add up.'),
    capacity: z.array(capacity).default([]).describe('Provisioned capacity: requests that it takes cost nothing beyond its fee.'),
    overrides: z
      .array(override)
      .default([])
      .describe('Rates as agreed, to which no regional factor and no discount applies. The first that applies counts.'),
  })
  .prefault({})
  .describe('What you pay instead of the list price, for `cost_contracted`. See docs/prices.md.');
