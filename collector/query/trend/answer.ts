/** What a trend says: its shape, its units, its promises. */
import { z } from 'zod';
import { FIGURE_NAMES } from '../../catalog/figures.ts';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { ageSchema, amountSchema, hintsSchema, instantSchema } from '../answer-schemas.ts';
import { rangeSchema } from '../compared-range.ts';
import { TREND_GRAINS } from './points.ts';

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

const valueSchema = amountSchema.nullable().describe('Null where the ledger has nothing of the time.');
const changeFields = {
  total: amountSchema,
  before: amountSchema.nullable().describe('In the period before, up to the same time; null where the ledger does not cover it.'),
  change: amountSchema.nullable(),
  change_ratio: z.number().nullable(),
};
const seriesFields = {
  ...changeFields,
  share: z.number().nullable().describe('Of the total, 0 to 1.'),
  values: z.array(valueSchema).describe('One for each point.'),
};

export const trendSchema = z
  .object({
    range: rangeSchema,
    time_zone: z.string(),
    grain: z.enum(TREND_GRAINS),
    measure: z.enum(FIGURE_NAMES),
    unit: z.string(),
    ...changeFields,
    compared: rangeSchema.nullable().describe('What the total is compared with; null where nothing has passed of the range.'),
    average: amountSchema.nullable().describe('Per whole day, week or month.'),
    averaged_points: z.number().int().describe('So many points are in a moving average.'),
    points: z.array(
      z.object({
        start: instantSchema,
        value: valueSchema,
        moving_average: amountSchema.nullable().describe('With the points before; null unless all of them are whole and known.'),
        is_whole: z.boolean().describe('Over, and not cut by the time range.'),
      }),
    ),
    weekdays: z
      .array(z.object({ weekday: z.enum(WEEKDAYS), days: z.number().int(), average: amountSchema, share: z.number().nullable() }))
      .describe('Of whole days, by day of the week; empty for weeks and months.'),
    by: z.enum(DIMENSION_NAMES).nullable(),
    series: z.array(z.object({ value: z.string().describe('As shown.'), ...seriesFields })).describe('The largest first.'),
    others: z.object({ count: z.number().int(), ...seriesFields }).nullable(),
    ...ageSchema,
    hints: hintsSchema,
  })
  .meta({ id: 'Trend' });
export type TrendAnswer = z.infer<typeof trendSchema>;
