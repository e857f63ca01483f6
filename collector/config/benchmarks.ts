/** The configuration of what gauges are compared with: published costs, and your own rate limits. */
import { z } from 'zod';

const usd = z.number().gt(0).max(10_000);

const benchmark = z.strictObject({
  edition: z.string().min(1).max(40).describe('Where the figures are from: label and legend.'),
  average_usd: usd.describe('Average cost of a developer on an active day.'),
  p90_usd: usd.describe('Cost that 90 % of developers stay below on an active day.'),
});

/** Anthropic's page on managing costs, in its edition of 2025 and in the newest (telemetry-contract.md, 11). */
const PUBLISHED = [
  { edition: '2025', average_usd: 6, p90_usd: 12 },
  { edition: '2026', average_usd: 13, p90_usd: 30 },
];

export const benchmarksSchema = z
  .array(benchmark)
  .max(20)
  .refine((editions) => new Set(editions.map(({ edition }) => edition)).size === editions.length, 'has two benchmarks of one edition')
  .default(PUBLISHED)
  .describe('Cost per developer and active day to compare with; the defaults are what Anthropic published. [] shows none.');

const perMinute = z.number().int().min(1).optional();

export const rateLimitsSchema = z
  .strictObject({
    tokens_per_minute: perMinute.describe('Tokens per minute that your organisation may use, cache reads left out.'),
    requests_per_minute: perMinute.describe('Requests per minute that your organisation may make.'),
  })
  .prefault({})
  .describe('Limits of your organisation or workspace, to compare its use with; Ledgerline enforces none.');
