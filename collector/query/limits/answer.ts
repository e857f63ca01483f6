/** What a plan of rate limits says: its shape, its units, its promises. */
import { z } from 'zod';
import { ageSchema, hintsSchema, instantSchema } from '../answer-schemas.ts';
import { LIMITS } from './headroom.ts';
import { RATES } from './measured.ts';

const count = z.number().int().nonnegative();
const bounds = z.object({ low: z.number(), high: z.number() });
const words = z.array(z.string()).describe('The arithmetic, in sentences.');
const limit = z.enum(LIMITS).describe('As rate_limits in the configuration calls it.');
const percentiles = { p50: count, p95: count, p99: count };
const spread = z.object({ ...percentiles, peak: count });
const basis = z.enum(['measured', 'published']);
const perMinute = { tokens_per_minute: count, requests_per_minute: count };

const publishedSchema = z.object({
  source: z.url(),
  read_on: z.iso.date().describe('When the page was read.'),
  size: z.string().describe('Row of the table, as the page writes it. On the edge of two rows: the one for smaller teams.'),
  per_user: z.object({ tokens_per_minute: bounds, requests_per_minute: bounds }),
  total: z.object({ tokens_per_minute: bounds, requests_per_minute: bounds }).describe('For all users.'),
});

const measuredSchema = z.object({
  from: instantSchema,
  to: instantSchema,
  days: z.number().int(),
  source: z
    .enum(['records', 'minutes'])
    .describe('minutes: there are too many records of users to read, so that input, output and users are not known apart.'),
  users: count.nullable().describe('Users who sent a request.'),
  minutes_with_use: count.describe('Minutes in which a request was sent.'),
  working_minutes: count.describe('All minutes of the clock hours (UTC) in which one was.'),
  requests: count,
  input_tokens: count.nullable().describe('Without cache reads.'),
  output_tokens: count.nullable(),
  rates: z
    .array(
      z.object({
        rate: z.enum(RATES).describe('users: how many were active in the same minute.'),
        ...percentiles,
        peak: count,
        peak_at: instantSchema,
        working: z.object(percentiles).describe('Over working minutes.'),
      }),
    )
    .describe('By the minute. Percentiles are over minutes with use unless they say otherwise. Cache reads are left out.'),
  per_user: z
    .object({ user_minutes: count, tokens: spread, requests: spread })
    .nullable()
    .describe('Of one user, in a minute in which that user sent a request.'),
  teams: z
    .array(
      z.object({
        organization: z.string(),
        team: z.string(),
        users: count.nullable(),
        minutes_with_use: count,
        tokens: spread,
        requests: spread,
        users_peak: count.nullable().describe('Most users active in the same minute.'),
      }),
    )
    .describe('The largest p99 of tokens first.'),
  has_more_teams: z.boolean(),
});

const headroomSchema = z.object({
  limit,
  per_minute: count,
  p99: count.nullable(),
  peak: count.nullable(),
  p99_ratio: z.number().nullable().describe('Of the limit; 1 is all of it.'),
  peak_ratio: z.number().nullable(),
  remaining: z.number().int().nullable().describe('The limit less p99; negative beyond it.'),
  users_supported: count.nullable().describe('Users whom the limit is enough for, each asking as much as now.'),
});

const growthSchema = z.object({
  weeks: z
    .array(z.object({ start: instantSchema, users: count, tokens: count, requests: count }))
    .describe('Whole weeks, oldest first. Tokens are booked, without cache reads.'),
  users_per_week: z.number().nullable().describe('Change per week, of a straight line through the weeks; null for fewer than four.'),
  tokens_per_week: z.number().nullable().describe('The same of the tokens of a week.'),
  reached: z
    .array(
      z.object({
        limit,
        at: instantSchema.nullable().describe('When the 99th percentile meets the limit, if it grows as the use of a week does.'),
        weeks: z.number().nullable().describe('From now; 0 is already.'),
        reason: z.string().nullable().describe('Why there is no date.'),
      }),
    )
    .describe('Of each limit that is configured.'),
});

export const planSchema = z
  .object({
    users: count,
    users_from: z.enum(['asked', 'measured']).describe('measured: nobody said how many, so it is for those who were active.'),
    published: publishedSchema.nullable().describe("The provider's recommendation; null without users."),
    measured: measuredSchema.nullable(),
    measured_reason: z.string().nullable().describe('Why nothing, or not everything, was measured.'),
    recommendation: z
      .object({
        ...perMinute,
        basis,
        steady: z.object(perMinute).describe('What an ordinary busy minute takes.'),
        words,
      })
      .nullable(),
    headroom: z.array(headroomSchema).describe('Of each limit that is configured.'),
    training: z
      .object({
        users: count,
        ...perMinute,
        basis,
        with_everyday: z.object(perMinute).nullable().describe('Beside the p95 of everyday use.'),
        fits: z.array(z.object({ limit, is_enough: z.boolean() })).describe('Of each limit of tokens or requests that is configured.'),
        words,
      })
      .nullable()
      .describe('What a session of so many users takes who are all active at once.'),
    growth: growthSchema,
    quota_request: z.string().nullable().describe('The text that AWS asks for with a higher quota of Amazon Bedrock.'),
    ...ageSchema,
    hints: hintsSchema,
  })
  .meta({ id: 'LimitsPlan' });
export type LimitsPlanAnswer = z.infer<typeof planSchema>;
