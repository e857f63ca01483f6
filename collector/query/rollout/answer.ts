/** What a forecast of a roll-out says: its shape, its units, its promises. */
import { z } from 'zod';
import { type AnswerOf, ageSchema, findingSchema, hintsSchema, instantSchema, usdSchema } from '../answer-schemas.ts';
import { rangeSchema } from '../compared-range.ts';
import { VERDICTS } from './enough.ts';

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

const count = z.number().int().nonnegative();
const share = z.number().describe('0 to 1.');
const spreadSchema = z.object({ mean_usd: usdSchema, p50_usd: usdSchema, p90_usd: usdSchema, p99_usd: usdSchema });
const bandFields = {
  p50_usd: usdSchema.describe('Estimate: half of the futures cost less.'),
  p90_usd: usdSchema.describe('Estimate: nine of ten futures cost less, with what few users cannot show.'),
};
const modelFields = {
  user_days: count.describe('Days of use on which most was spent on it.'),
  users: count,
  per_user_day_usd: usdSchema.nullable().describe('Of such a day, whatever else was used on it; null without one.'),
};

const pilotSchema = z.object({
  filters: z.array(z.string()),
  range: rangeSchema.nullable().describe('Whole weeks that are drawn from; null where there are none.'),
  days: count,
  users: count.describe('With spend in that time, and those of pilot_users without.'),
  cost_usd: usdSchema,
  unattributed_usd: usdSchema.describe('Spend of the pilot without a user: not in the forecast.'),
  active_user_days: count,
  active_share: share.describe('Of all days of all users, 0 to 1: adoption and working days together.'),
  per_active_day: spreadSchema.nullable().describe('Of a user on a day with spend, as the published averages are.'),
  per_user_30_days: spreadSchema.nullable().describe('Of a user in 30 days, days without use included.'),
  largest_user_share: share.nullable().describe('Of the spend, by the user with most of it.'),
  largest_tenth_share: share.nullable().describe('Of the spend, by the tenth of the users with most of it.'),
  weekdays: z.array(z.object({ weekday: z.enum(WEEKDAYS), share: share.nullable(), active_share: share })),
  models: z.array(z.object({ model: z.string(), share, ...modelFields })).describe('By days of use; the shares add up to one.'),
});

export const rolloutSchema = z
  .object({
    pilot: pilotSchema,
    verdict: z.enum(VERDICTS).describe('Of the size of the pilot; too_small: nothing is forecast.'),
    findings: z.array(findingSchema).describe('What is too small, and what would suffice.'),
    users: count,
    start: z.iso.date(),
    time_zone: z.string(),
    ramp: z.array(share).describe('Share of the users that has begun, by week; everybody after the last.'),
    mix: z
      .object({
        factor: z.number().describe('What a day of use costs with it, against now.'),
        models: z.array(z.object({ name: z.string(), percent: z.number(), ...modelFields })),
      })
      .nullable()
      .describe('Null without mix, and where it cannot be computed.'),
    months: z.array(
      z.object({
        month: z.string(),
        from: z.iso.date(),
        to: z.iso.date().describe('Included.'),
        days: count,
        working_days: count,
        users: count.describe('Begun, on the last day.'),
        ...bandFields,
      }),
    ),
    total: z.object(bandFields).nullable().describe('Of all months together: less than the sum of their 90th percentiles.'),
    recommended: z
      .object({ amount_usd: usdSchema.describe('The highest p90 of the months, rounded up to two digits.'), month: z.string(), command: z.string() })
      .nullable(),
    published: z
      .array(
        z.object({
          edition: z.string(),
          average_usd: usdSchema.describe('Per user and active day.'),
          month: z.string(),
          working_days: count,
          every_working_day_usd: usdSchema.describe('All users on each Monday to Friday of the month.'),
          measured_days_usd: usdSchema.nullable().describe('All users on as many days as those of the pilot; null without a pilot.'),
        }),
      )
      .describe('Averages of the configuration (benchmarks), for the month of the recommendation.'),
    futures: count.describe('So many were drawn.'),
    p90_read_at: z.number().nullable().describe('The share of futures below the p90: more than 0.9 where few users were measured.'),
    evaluated_at: instantSchema,
    ...ageSchema,
    hints: hintsSchema,
  })
  .meta({ id: 'RolloutForecast' });
export type RolloutAnswer = AnswerOf<typeof rolloutSchema>;
