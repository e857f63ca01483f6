/** The configuration of what gauges are compared with: published costs, and your own rate limits. */
import { z } from 'zod';

const usd = z.number().gt(0).max(10_000);

const benchmark = z.strictObject({
  edition: z.string().min(1).max(40).describe('Source of the figures, shown as label and legend.'),
  average_usd: usd.describe('Average cost per user on an active day.'),
  p90_usd: usd.describe('90th percentile of the cost per user on an active day.'),
});

/** Anthropic's page on managing costs, in its edition of 2025 and in the newest (telemetry-contract.md, 11). */
const PUBLISHED = [
  { edition: '2025', average_usd: 6, p90_usd: 12 },
  { edition: '2026', average_usd: 13, p90_usd: 30 },
];

export const benchmarksSchema = z
  .array(benchmark)
  .max(20)
  .refine((editions) => new Set(editions.map(({ edition }) => edition)).size === editions.length, 'has two benchmarks with the same edition')
  .default(PUBLISHED)
  .describe('Published cost per user and active day, for comparison. The defaults are those Anthropic published; [] shows none.');

const perMinute = z.number().int().min(1).optional();

export const rateLimitsSchema = z
  .strictObject({
    tokens_per_minute: perMinute.describe('Tokens per minute that your organization may use, without cache reads.'),
    input_tokens_per_minute: perMinute.describe(
      'Input tokens per minute (ITPM): uncached input and cache writes. For the planner; alerts watch tokens and requests.',
    ),
    output_tokens_per_minute: perMinute.describe('Output tokens per minute (OTPM). For the planner; alerts watch tokens and requests.'),
    requests_per_minute: perMinute.describe('Requests per minute that your organization may make.'),
  })
  .prefault({})
  .describe('Rate limits of your organization or workspace, to compare usage with. Ledgerline does not enforce them.');
