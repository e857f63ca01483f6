/** What is said of plans and seats: its shape and its units. */
import { z } from 'zod';
import { ageSchema, findingSchema, usdSchema } from '../answer-schemas.ts';
import { rangeSchema } from '../compared-range.ts';

const money = usdSchema.nullable();
const count = z.number().int().nonnegative();

const used = {
  value_usd: usdSchema.describe('What was used, at list price: notional, since the seat is paid for.'),
  reported_usd: usdSchema.describe('The same as clients report it.'),
  sessions: count,
  requests: count,
};

export const plansSchema = z
  .object({
    range: rangeSchema,
    time_zone: z.literal('UTC'),
    plans: z
      .array(
        z.object({
          plan: z.string(),
          seat: z.string().describe('Kind of seat; "any" for all of the plan that no other row names.'),
          seats: count.nullable().describe('At the end of the range; null where the configuration does not have them.'),
          monthly_usd: money.describe('Of one seat.'),
          fee_usd: money.describe('Of all of them, for the days of the range that have passed.'),
          ...used,
          leverage: z.number().nullable().describe('Value as a part of the fee: below 1, metered use would have been cheaper.'),
          value_per_seat_usd: money,
        }),
      )
      .describe('The largest fee first.'),
    total: z.object({ fee_usd: money, ...used, leverage: z.number().nullable() }).describe('Of all plans.'),
    overage_usd: money.describe("Usage credits: what the provider bills beyond the seats' fee; null where no statement was imported."),
    metered: z.object(used).describe('Use that is billed by the token: money.'),
    unknown: z.object(used).describe('Use of plans and seats of which it is not known how they are billed.'),
    findings: z.array(findingSchema),
    ...ageSchema,
  })
  .meta({ id: 'Plans' });
export type PlansAnswer = z.infer<typeof plansSchema>;
