/** What a panel of budget bars shows: each budget on a track from nothing to its whole amount. */
import { z } from 'zod';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { type AnswerOf, amountSchema } from '../answer-schemas.ts';

const instant = z.number().describe('Epoch seconds.');

const barSchema = z.object({
  budget: z.string().describe('Its key: the name, or "name/member".'),
  scope: z.string(),
  period: z.string(),
  unit: z.enum(['usd', 'tokens']),
  amount: amountSchema,
  spent: amountSchema,
  remaining: amountSchema.describe('Negative when over budget.'),
  used: z.number().nullable().describe('Spent as a share of the amount; 1 is used up. Null where the amount is zero and something was spent.'),
  elapsed: z.number().describe('How much of the period has elapsed, 0 to 1.'),
  starts: instant,
  ends: instant,
  median: amountSchema.nullable().describe('Forecast for the end of the period; null while there is too little history.'),
  p90: amountSchema.nullable(),
  runs_out: instant.nullable().describe('When it is expected to be used up; null: not before it ends, it is already, or there is no forecast.'),
  thresholds: z
    .array(z.object({ at: z.number(), severity: z.enum(['info', 'warning', 'critical']), reached: z.boolean() }))
    .describe('Of actual spend.'),
  level: z.enum(['info', 'warning', 'critical']).nullable().describe('The most severe threshold that is reached, those of the forecast included.'),
  stopped: z.boolean().describe('Does its hard limit stop further spend?'),
  active: z.boolean().describe('Is the present within its period?'),
  filters: z.array(z.object({ dimension: z.enum(DIMENSION_NAMES), value: z.string() })).describe('Its scope, as a reader would choose it.'),
});
export type BudgetBar = AnswerOf<typeof barSchema>;

export const budgetBarsSchema = z.object({
  bars: z.array(barSchema).describe('The most used first.'),
  others: z.number().int().describe('How many are not shown.'),
  others_used: z.number().nullable().describe('The most that one of them has used; null when there are none.'),
  elsewhere: z.number().int().describe('How many there are that do not lie within what is selected.'),
});
export type BudgetBarsData = AnswerOf<typeof budgetBarsSchema>;
