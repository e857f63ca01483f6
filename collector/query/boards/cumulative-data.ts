/** What a panel of cumulative spend shows: its course, that of the time before, and what lies ahead. */
import { z } from 'zod';
import { GRAINS } from '../../core/calendar.ts';
import { type AnswerOf, amountSchema } from '../answer-schemas.ts';
import { unitSchema } from './board-schemas.ts';

const instant = z.number().describe('Epoch seconds.');

const budgetLineSchema = z.object({
  budget: z.string().describe('Its key: the name, or "name/member".'),
  amount: amountSchema,
  remaining: amountSchema.describe('Negative when over budget.'),
  ends: instant,
  runs_out: instant.nullable().describe('When it is expected to be used up; null: not before it ends, it is already, or there is no forecast.'),
  stopped: z.boolean().describe('Does its hard limit stop further spend?'),
});
/** A budget for exactly what the reader chose and exactly this time. */
export type BudgetLine = AnswerOf<typeof budgetLineSchema>;

export const cumulativeSchema = z.object({
  unit: unitSchema,
  grain: z.enum(GRAINS),
  at: z.array(instant).describe('The beginning, the end of each bar, and the present where it lies within one. To the end of the time range.'),
  amounts: z.array(amountSchema.nullable()).describe('Spent from the beginning up to each instant; null ahead of the present.'),
  previous: z
    .array(amountSchema.nullable())
    .describe('The same in the time before, as far into it. Empty when there is nothing to compare with; null beyond the end of a shorter one.'),
  previous_from: instant.nullable(),
  previous_to: instant.nullable(),
  total: amountSchema.describe('Spent in the time range.'),
  before: amountSchema.nullable().describe('Spent in the time before, up to as far into it.'),
  before_note: z.string().nullable().describe('Why there is nothing to compare with.'),
  forecast: z
    .object({ median: amountSchema, p90: amountSchema, at: instant })
    .nullable()
    .describe('Of the whole time range, at its end: half, and nine of ten, of the outcomes lie below.'),
  forecast_note: z.string().nullable().describe('Why there is no forecast.'),
  budgets: z.array(budgetLineSchema),
});
export type CumulativeData = AnswerOf<typeof cumulativeSchema>;
