/** The section `budgets` of the configuration: one entry's shape. What spans several keys or entries is in budgets-check.ts. */
import { z } from 'zod';
import { DIMENSION_NAMES, type MeasureName } from '../catalog/measures.ts';
import { normalizeUser } from '../catalog/values.ts';
import { day, SLUG, SLUG_MESSAGE, timeZone, usd, weekStart } from './shapes.ts';

/** Budgets of tokens name what they count: cached reads are most tokens and little money. */
export const TOKEN_CLASSES = {
  input: 'input_tokens',
  output: 'output_tokens',
  cache_creation: 'cache_creation_tokens',
  cache_read: 'cache_read_tokens',
} as const satisfies Record<string, MeasureName>;

export const PERIOD_UNITS = ['day', 'week', 'month', 'quarter', 'year'] as const;
const PER = ['user', 'team', 'workspace', 'repository', 'cost_center', 'department', 'model', 'job'] as const;
const ROLLING_DAYS_MAX = 366;
const RATIO_MAX = 10;
const MEMBERS_MAX = 10_000;

const count = z.number().int().min(1);
const ratio = z.number().gt(0).lte(RATIO_MAX);
const severity = z.enum(['info', 'warning', 'critical']);
const value = z.string().min(1);

const tokens = z.strictObject({
  amount: count.describe('Number of tokens.'),
  classes: z
    .array(z.enum(['input', 'output', 'cache_creation', 'cache_read']))
    .min(1)
    .describe('Token classes that count.'),
});

const period = z.union([
  z.enum(PERIOD_UNITS),
  z.strictObject({ rolling_days: z.number().int().min(1).max(ROLLING_DAYS_MAX).describe('Number of days, ending today.') }),
  z.strictObject({ from: day.describe('First day.'), to: day.describe('The day after the last one.') }),
]);

const threshold = z.strictObject({
  at: ratio.describe('Share of the amount, such as 0.8.'),
  on: z.enum(['actual', 'forecast']).default('actual').describe('Actual spend, or the forecast for the end of the period.'),
  severity: severity.default('warning'),
});

const dated = z.strictObject({
  from: day.describe('First day of the amount, in the time zone of the budget.'),
  amount_usd: usd.optional(),
  tokens: count.optional().describe('For a token budget, in the same classes.'),
});

const member = z.strictObject({
  user: value.overwrite(normalizeUser),
  amount_usd: usd.optional().describe('Part of the amount that is set aside for this user.'),
  tokens: count.optional().describe('The same for a token budget.'),
});

export const budgetSchema = z.strictObject({
  name: z.string().max(80).regex(SLUG, SLUG_MESSAGE),
  scope: z
    .partialRecord(z.enum(DIMENSION_NAMES), z.union([value, z.array(value).min(1)]))
    .default({})
    .describe('Spend that counts: {} is everything, {team: platform} one team, {model: [a, b]} two models.'),
  per: z.enum(PER).optional().describe('Every user (team, …) in the scope gets the full amount.'),
  members: z.array(member).min(1).max(MEMBERS_MAX).optional().describe('Parts of the amount set aside for users; all others share the rest.'),
  parent: z.string().optional().describe('Name of the budget that this one is part of.'),
  period: period.default('month').describe('Period of the amount: a calendar period, rolling days, or once from one day to another.'),
  time_zone: timeZone.optional().describe('Time zone in which the period begins. Default: timezone.'),
  week_start: weekStart.optional().describe('First day of the week. Default: week_start at the top level.'),
  amount_usd: usd.optional().describe('Either this or tokens.'),
  tokens: tokens.optional().describe('Either this or amount_usd.'),
  amounts: z.array(dated).min(1).optional().describe('Changed amounts, each from its day on. Before the first, amount_usd or tokens applies.'),
  rollover: z.boolean().optional().describe('Adds what was left of the amount in the previous period.'),
  rollover_max_usd: usd.optional().describe('Rollover adds at most this much.'),
  thresholds: z
    .array(threshold)
    .min(1)
    .max(20)
    .optional()
    .describe('Default: 50 % info, 80 % warning, 100 % critical, and warning for a forecast of 100 %.'),
  warning_threshold: ratio.optional().describe('Moves the warning of the default thresholds from 0.8.'),
  session_warning_usd: usd.optional().describe('Warns about any single session that costs this much.'),
  hard_limit: z.boolean().optional().describe('Stops the scope when the budget is used up: the guard then refuses work.'),
});

export type BudgetConfig = z.output<typeof budgetSchema>;
