/** What an analysis says: its shape, its units, its promises. */
import { z } from 'zod';
import { ageSchema, amountSchema, hintsSchema, instantSchema, usdSchema } from '../answer-schemas.ts';
import { rangeSchema } from '../compared-range.ts';
import { changesSchema, topSchema } from './changes.ts';

const ratio = z.number().nullable();

const effects = {
  volume_usd: usdSchema.describe('More or fewer tokens of all models together.'),
  model_mix_usd: usdSchema.describe('Other models for the same tokens; models that are new or no longer used are all here.'),
  token_mix_usd: usdSchema.describe('Other classes of tokens (cache reads, cache writes, uncached input, output), weighed by list prices.'),
  price_usd: usdSchema.describe(
    'Another cost for tokens of the same class: list prices, fast mode, long prompts, lifetime of cache writes, contracts.',
  ),
};

const changeSchema = z
  .object({
    change_usd: usdSchema,
    change_ratio: ratio.describe('Relative to the period before; null where it had nothing, or less.'),
    by: z.object({ team: changesSchema, user: changesSchema, model: changesSchema, workspace: changesSchema }),
    effects: z
      .object({
        ...effects,
        models: z.array(z.object({ model: z.string(), cost_usd: usdSchema, before_usd: usdSchema, ...effects })),
      })
      .describe('Four parts that add up to the change, for each model and together.'),
  })
  .meta({ id: 'Change' });

const sessionSchema = z.object({
  session_id: z.string().describe('As the client calls it.'),
  full_id: z.string().describe('Names this session alone.'),
  user: z.string(),
  team: z.string(),
  workspace: z.string(),
  last_seen: instantSchema,
  cost_usd: usdSchema.describe('Of the whole session, also of what lies before the time range.'),
});

const daySchema = z
  .object({
    start: instantSchema,
    words: z.string(),
    kind: z.enum(['high', 'low']),
    cost_usd: usdSchema,
    usual_usd: usdSchema.describe('Median of the same weekday in the eight weeks before, of those with spend.'),
    times: z.number().describe('Cost relative to what is usual.'),
    weeks: z.number().int().describe('Weeks that it is compared with.'),
    top_user: z.string().nullable().describe('Who spent most on the day.'),
    top_user_share: ratio,
  })
  .meta({ id: 'UnusualDay' });

const forecastSchema = z
  .object({
    p50_usd: usdSchema.nullable().describe('Half of the outcomes lie below.'),
    p90_usd: usdSchema.nullable().describe('Nine of ten outcomes lie below.'),
    reason: z.string().nullable().describe('Why there is none.'),
  })
  .meta({ id: 'RangeForecast' });

export const analysisSchema = z
  .object({
    range: rangeSchema,
    time_zone: z.string(),
    is_running: z.boolean().describe('The time range goes on: its figures are those up to now.'),
    cost_usd: usdSchema,
    requests: amountSchema,
    tokens: amountSchema,
    cost_usd_per_request: usdSchema.nullable(),
    cost_usd_per_million_tokens: usdSchema.nullable(),
    before: z
      .object({
        range: rangeSchema,
        cost_usd: usdSchema.describe('Of all of it, as far as the ledger covers it.'),
        is_covered: z.boolean().describe('The ledger begins before it. Otherwise nothing is compared.'),
        compared: rangeSchema.nullable().describe('What the range is compared with: as much of it as has passed of the range.'),
        compared_usd: usdSchema.nullable().describe('Null where the ledger does not cover it.'),
      })
      .describe('The period before.'),
    change: changeSchema
      .nullable()
      .describe('Null while nothing of the time range has passed, and where the ledger does not cover the period before.'),
    top: z.object({
      team: topSchema,
      user: topSchema,
      model: topSchema,
      workspace: topSchema,
      session: z.array(sessionSchema).nullable().describe('Null where a filter names what a session has several of.'),
    }),
    cache: z.object({
      hit_ratio: ratio.describe('Cache reads as a share of all input tokens.'),
      hit_ratio_before: ratio,
      savings_usd: usdSchema.nullable().describe('What the prompt cache saved at list price; null where no model has one.'),
      miss_cost_usd: usdSchema.describe(
        'What uncached input and cache writes cost at list price beyond cache reads. The most that a better cache could save: every prompt has to be written once.',
      ),
    }),
    unusual_days: z.array(daySchema).describe('Whole days, oldest first, far from the same weekday of the eight weeks before.'),
    developers: z.object({
      active: z.number().int().describe('Known users with spend.'),
      developer_days: z.number().int().describe('Days of a known user with spend.'),
      average_usd: usdSchema.nullable().describe('Per developer and day.'),
      p50_usd: usdSchema.nullable(),
      p90_usd: usdSchema.nullable().describe('What 90 % of the developer days do not exceed.'),
      published: z.array(z.object({ edition: z.string(), average_usd: usdSchema, p90_usd: usdSchema })).describe('The same as others published it.'),
    }),
    forecast: forecastSchema.nullable().describe('For the whole time range; null once it is over.'),
    quality: z.object({
      unallocated_team: ratio.describe('Share of cost without a team.'),
      unallocated_user: ratio.describe('Share of cost without a user, jobs of CI apart.'),
      unpriced: ratio.describe('Share of tokens of models without a list price.'),
      estimated: ratio.describe('Share of cost that is list price, because nobody reported the cost.'),
      unreconciled_usd: usdSchema.describe('Held back, and not in the cost: it may be reported twice.'),
      set_aside_usd: usdSchema.describe('Dated outside ingest_window, and not in the cost.'),
    }),
    sentences: z.array(z.string()).describe('The same in words.'),
    ...ageSchema,
    hints: hintsSchema,
  })
  .meta({ id: 'Analysis' });
export type AnalysisAnswer = z.infer<typeof analysisSchema>;
/** Before it is put into words. */
export type AnalysisFigures = Omit<AnalysisAnswer, 'sentences'>;
