/** What a reconciliation says: its shape, its units, its promises. */
import { z } from 'zod';
import { BILLERS } from '../../catalog/billers.ts';
import { ageSchema, findingSchema, instantSchema, usdSchema } from '../answer-schemas.ts';
import { rangeSchema } from '../compared-range.ts';
import { CAUSE_NAMES } from './causes.ts';

export const ROW_DIMENSIONS = ['day', 'workspace', 'model', 'biller'] as const;
export type RowDimension = (typeof ROW_DIMENSIONS)[number];

const money = usdSchema.nullable();
const ratio = z.number().nullable();
const count = z.number().int().nonnegative();
const cause = z.enum(CAUSE_NAMES);

const amounts = {
  reported_usd: usdSchema.describe('What clients report: booked cost.'),
  list_usd: usdSchema.describe('Tokens of the requests at the list price of their day.'),
  contracted_usd: usdSchema.describe('The same at your contracted prices.'),
  billed_usd: money.describe("What the provider's own records bill; null where none was imported. Never an estimate."),
  remainder_usd: money.describe('Of what is billed, what no cause explains.'),
  remainder_ratio: ratio.describe('The same as a part of what is billed.'),
};

const stepSchema = z
  .object({
    cause,
    span: z.enum(['reported_list', 'list_billed']).describe('On the way from reported to list cost, or from list to billed cost.'),
    title: z.string(),
    amount_usd: usdSchema.describe('What it adds on the way; negative: takes off.'),
    ratio: ratio.describe('As a part of where the way begins.'),
    sentence: z.string(),
    remedy: z.string().describe('Empty when nothing is to be done.'),
  })
  .meta({ id: 'ReconciliationStep' });

const rowSchema = z.object({
  day: z.iso.date().optional(),
  workspace: z.string().optional().describe('"(not mapped)": workspaces here and at the provider that cannot be compared one by one.'),
  model: z.string().optional(),
  biller: z.enum(BILLERS).optional(),
  ...amounts,
  is_counted: z.boolean().describe('Did the provider count tokens or list prices of it, so that missing telemetry can be found?'),
  steps: z.partialRecord(cause, usdSchema).describe('What each cause adds; those that add nothing are left out.'),
});

const completenessSchema = z.object({
  name: z.string().describe('User or workspace, as shown; an API key of the provider where no user is known.'),
  is_key: z.boolean(),
  cost_usd: usdSchema.describe('What telemetry has on the days of the record: list cost, and what metrics alone report; without what plans cover.'),
  tokens: z.union([z.number(), z.string()]),
  recorded_cost_usd: money.describe("What the provider's record has; null where it does not say."),
  recorded_tokens: z.union([z.number(), z.string()]).nullable(),
  cost_ratio: ratio.describe('Telemetry as a part of the record; 1 is complete.'),
  token_ratio: ratio,
  events: count.describe('Numbered events received.'),
  missing_events: count.describe('Numbers missing between them.'),
  is_silent: z.boolean().describe('Known to the provider, and not to telemetry.'),
});

const adjustmentSchema = z.object({
  month: z.string().describe('The closed month, as in 2026-10.'),
  workspace: z.string(),
  model: z.string(),
  reported_usd: usdSchema,
  list_usd: usdSchema,
  contracted_usd: usdSchema,
  last_posted_at: instantSchema,
});

export const reconciliationSchema = z
  .object({
    range: rangeSchema,
    time_zone: z.literal('UTC').describe('Days begin in UTC, as providers bill.'),
    by: z.array(z.enum(ROW_DIMENSIONS)),
    ...amounts,
    remainder_absolute_usd: money.describe('Remainders of all days, workspaces and models without their signs: they do not cancel out.'),
    reported_events_usd: usdSchema.describe('The part of the reported cost that events report.'),
    list_uncertain_usd: usdSchema.describe('How much more list cost would be if cache writes of unknown lifetime were of one hour.'),
    covered_usd: usdSchema.describe('The part of list cost that plans cover: notional.'),
    imported_usd: usdSchema.describe('The part of the reported cost that imports brought, and no telemetry.'),
    steps: z
      .array(stepSchema)
      .describe('In order: reported cost and those to list cost are list cost; list cost, the others and the remainder are billed cost.'),
    rows: z.array(rowSchema).describe('The largest remainder first, then the largest difference between list and billed cost.'),
    completeness: z.object({
      users: z.array(completenessSchema).describe('The worst first.'),
      user_sources: z.array(z.string()).describe('Imports that know users; without one nothing is known of any.'),
      workspaces: z.array(completenessSchema),
      silent_users: count,
    }),
    sources: z.array(
      z.object({
        biller: z.enum(BILLERS),
        billed: z
          .record(z.string(), count)
          .describe('Days for which each import says what is billed. Of an account the first that has a day counts, never two.'),
        counted: z.record(z.string(), count),
        missing_billed_days: count.describe('Days that at least one account lacks.'),
        missing_counted_days: count,
        provisional_days: count.describe('Days that the provider may still revise.'),
        accounts: z
          .array(z.object({ account: z.string(), missing_billed_days: count, missing_counted_days: count }))
          .describe('Accounts that are configured or of which there is any record, at any time; "": the one without a name.'),
      }),
    ),
    imports: z.array(
      z.object({
        source: z.string(),
        account: z.string(),
        days: count.describe('Of the range.'),
        complete_days: count,
        first_day: z.iso.date().nullable(),
        last_day: z.iso.date().nullable(),
        checked_at: instantSchema.nullable(),
        last_run: z.object({ ended_at: instantSchema.nullable(), outcome: z.string() }).nullable(),
      }),
    ),
    closed_months: z
      .array(z.object({ month: z.string(), closed_at: instantSchema }))
      .describe('Of the range, in the time zone of the configuration.'),
    adjustments: z
      .array(adjustmentSchema)
      .describe(
        'Posted in the range, of months that were closed before: they are in its reported and list cost, and on the bill of their own month.',
      ),
    later_adjustments: z.array(adjustmentSchema).describe("Posted after the range, of its closed months: in none of the range's figures."),
    unmapped_workspaces: z
      .array(z.string())
      .describe('Workspaces in the records that are none of ours: see reconcile.workspaces in the configuration.'),
    missing: z.array(z.object({ message: z.string(), command: z.string() })).describe('Imports that would say more.'),
    findings: z.array(findingSchema),
    ...ageSchema,
  })
  .meta({ id: 'Reconciliation' });
export type ReconciliationAnswer = z.infer<typeof reconciliationSchema>;
