/** GET /api/v1/usage: cost and tokens by day, week or month, and by the models of each. */
import { z } from 'zod';
import type { Filter } from '../catalog/values.ts';
import { type CalendarOptions, WEEK_STARTS } from '../core/calendar.ts';
import type { TimeRange } from '../core/time-range.ts';
import type { Row } from '../ledger/ledger.ts';
import { ageSchema, hintsSchema, instantSchema } from './answer-schemas.ts';
import { knownFilters } from './known-values.ts';
import { readCalendar, readTimeRange, readWhere, readWord, TIME_RANGE_SHAPES, WHERE_SHAPE } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf, renderInstant } from './render.ts';
import { renderByModel, renderTokenUsage, TOKEN_USAGE_MEASURES, tokenUsageSchema, usageByModelShape } from './token-usage.ts';
import { byPeriod } from './wide-periods.ts';

const USAGE_GRAINS = ['day', 'week', 'month'] as const;
type UsageGrain = (typeof USAGE_GRAINS)[number];
const ORDERS = ['asc', 'desc'] as const;
const COSTS = ['booked', 'list'] as const;

interface UsageRequest {
  readonly range: TimeRange;
  readonly calendar: CalendarOptions;
  readonly grain: UsageGrain;
  readonly order: (typeof ORDERS)[number];
  readonly cost: (typeof COSTS)[number];
  readonly where: readonly Filter[];
}

const rowSchema = z
  .object({
    period: z.string().describe('Its first day, such as 2026-11-20; of months 2026-11.'),
    start: instantSchema,
    ...usageByModelShape,
  })
  .meta({ id: 'PeriodUsage' });

const answerSchema = z
  .object({
    rows: z.array(rowSchema).describe('Of every period in which anything was used.'),
    totals: tokenUsageSchema,
    grain: z.enum(USAGE_GRAINS),
    from: instantSchema.nullable(),
    to: instantSchema.nullable(),
    time_zone: z.string(),
    hints: hintsSchema,
    ...ageSchema,
  })
  .meta({ id: 'Usage' });
export type UsageAnswer = z.infer<typeof answerSchema>;

export const USAGE = question<UsageRequest, UsageAnswer>({
  id: 'usage',
  path: '/usage',
  summary: 'Cost and tokens by day, week or month, with their models.',
  description: 'What counters on one machine show, from the ledger: `spend` has everything else.',
  parameters: {
    grain: { schema: z.enum(USAGE_GRAINS).describe('Width of a row.').meta({ default: 'day' }) },
    order: { schema: z.enum(ORDERS).describe('Oldest or newest first.').meta({ default: 'asc' }) },
    cost: { schema: z.enum(COSTS).describe('Booked cost, or tokens at list price.').meta({ default: 'booked' }) },
    week_start: { schema: z.enum(WEEK_STARTS).describe('First day of a week. Default: that of the configuration.') },
    ...TIME_RANGE_SHAPES,
    where: WHERE_SHAPE,
  },
  answer: answerSchema,
  parse({ parameters }, { config, nowMs }) {
    const weekStart = readWord(parameters, 'week_start', WEEK_STARTS, config.week_start);
    const calendar = { ...readCalendar(parameters, config), weekStart };
    return {
      calendar,
      range: readTimeRange(parameters, calendar, nowMs),
      grain: readWord(parameters, 'grain', USAGE_GRAINS, 'day'),
      order: readWord(parameters, 'order', ORDERS, 'asc'),
      cost: readWord(parameters, 'cost', COSTS, 'booked'),
      where: readWhere(parameters),
    };
  },
  ask: answerUsage,
});

async function answerUsage({ range, calendar, grain, order, cost, where: asked }: UsageRequest, asking: Asking): Promise<UsageAnswer> {
  const { where, hints } = await knownFilters(asked, asking.reader);
  const [, ...tokens] = TOKEN_USAGE_MEASURES;
  // The ledger cuts weeks as the configuration has them.
  const isOtherWeek = grain === 'week' && calendar.weekStart !== asking.config.week_start;
  const result = await asking.reader.query({
    measures: [cost === 'list' ? 'cost_list' : 'cost', ...tokens],
    by: ['model'],
    ...range,
    grain: isOtherWeek ? 'day' : grain,
    timeZone: calendar.timeZone,
    where,
    rowsMax: asking.config.limits.query_rows,
  });
  const { rows, totals, asOfMs } = isOtherWeek ? byPeriod(result, 'week', calendar) : result;
  const oldestFirst = [...Map.groupBy(rows, ({ startMs = 0 }) => startMs)].sort(([a], [b]) => a - b);
  const periods = oldestFirst.map(([startMs, own]) => renderPeriod(startMs, own, { grain, calendar })).filter(({ models }) => models.length > 0);
  return {
    rows: order === 'asc' ? periods : periods.reverse(),
    totals: renderTokenUsage(totals),
    ...{ grain, from: renderInstant(range.fromMs), to: renderInstant(range.toMs), time_zone: calendar.timeZone },
    hints: [...hints],
    ...freshnessOf(asOfMs, asking.now()),
  };
}

function renderPeriod(
  startMs: number,
  rows: readonly Row[],
  { grain, calendar }: Pick<UsageRequest, 'grain' | 'calendar'>,
): UsageAnswer['rows'][number] {
  const { usage, models } = renderByModel(rows.map(({ key: [model = ''], values }) => ({ model, values })));
  const date = Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(calendar.timeZone).toPlainDate();
  return { period: (grain === 'month' ? date.toPlainYearMonth() : date).toString(), start: renderInstant(startMs), ...usage, models };
}
