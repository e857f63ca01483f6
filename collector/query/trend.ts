/** GET /api/v1/trend: a figure by day, week or month, with its moving average, its weekdays, and the change against the time before. */
import { z } from 'zod';
import { isSum } from '../catalog/figure-values.ts';
import { FIGURE_NAMES, type FigureName, isFigure } from '../catalog/figures.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { DAY_MS } from '../core/duration.ts';
import { suggest } from '../core/suggest.ts';
import { periodAround } from '../core/time-range.ts';
import { compareRange, RANGE_SHAPES, readRange } from './compared-range.ts';
import { csvPieces } from './csv.ts';
import { readDimensions } from './dimension-parameter.ts';
import { knownFilters } from './known-values.ts';
import { badParameter, FORMAT_SHAPE, type Parameters, readCalendar, readCount, readWhere, readWord, WHERE_SHAPE } from './parameters.ts';
import { type Asking, type ParseContext, question } from './question.ts';
import { type TrendAnswer, trendSchema } from './trend/answer.ts';
import { readTrend, type TrendRequest } from './trend/facts.ts';
import { TREND_GRAINS, type TrendGrain } from './trend/points.ts';
import { renderTrend } from './trend/render.ts';

export type { TrendAnswer } from './trend/answer.ts';

const COUNTS = { days: 'day', weeks: 'week', months: 'month' } as const satisfies Record<string, TrendGrain>;
const COUNT_KEYS = ['days', 'weeks', 'months'] as const;
const POINTS_MAX = 1_000;
const DAYS_DEFAULT = 30;
const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 50;

const count = (of: string) => z.number().int().min(1).max(POINTS_MAX).describe(`The last ${of}, with the present one.`);

const SUMS = FIGURE_NAMES.filter(isSum);

export const TREND = question<TrendRequest, TrendAnswer>({
  id: 'trend',
  path: '/trend',
  summary: 'A figure by day, week or month, and how it changes.',
  description: 'Zero only where the ledger covers the time; before its first record values are null.',
  parameters: {
    days: { schema: count('days').meta({ default: DAYS_DEFAULT }) },
    weeks: { schema: count('weeks') },
    months: { schema: count('months') },
    ...RANGE_SHAPES,
    grain: { schema: z.enum(TREND_GRAINS).describe('Width of a point, with a time range.').meta({ default: 'day' }) },
    measure: {
      schema: z
        .string()
        .describe('A measure or a sum of measures.')
        .meta({ examples: ['tokens'], default: 'cost' }),
    },
    by: {
      schema: z
        .string()
        .describe('A dimension: the largest as series of their own.')
        .meta({ examples: ['team'] }),
    },
    limit: { schema: z.number().int().min(1).max(LIMIT_MAX).describe('Series.').meta({ default: LIMIT_DEFAULT }) },
    where: WHERE_SHAPE,
    format: FORMAT_SHAPE,
  },
  answer: trendSchema,
  parse: ({ parameters }, context) => parseTrend(parameters, context),
  ask: answerTrend,
  csv: trendCsv,
});

function parseTrend(parameters: Parameters, context: ParseContext): TrendRequest {
  const calendar = readCalendar(parameters, context.config);
  const [by] = readDimensions(parameters, 'by', 1);
  return {
    ...readPoints(parameters, calendar, context.nowMs),
    figure: readFigure(parameters),
    by,
    limit: readCount(parameters, 'limit', LIMIT_DEFAULT, LIMIT_MAX),
    calendar,
    where: readWhere(parameters),
  };
}

function readPoints(parameters: Parameters, calendar: CalendarOptions, nowMs: number): Pick<TrendRequest, 'range' | 'grain'> {
  const given = COUNT_KEYS.filter((key) => parameters.has(key));
  const others = [...Object.keys(RANGE_SHAPES), 'grain'].filter((key) => key !== 'tz' && parameters.has(key));
  if (given.length + (others.length > 0 ? 1 : 0) > 1) {
    const [key = 'days'] = given;
    throw badParameter(key, parameters.get(key) ?? '', `cannot be combined with ${[...given.slice(1), ...others].join(', ')}`, 'Give one of them.');
  }
  if (others.length > 0) return readRangeOfPoints(parameters, calendar, nowMs);
  const [key = 'days'] = given;
  const grain = COUNTS[key];
  const points = readCount(parameters, key, DAYS_DEFAULT, POINTS_MAX);
  const { toMs } = periodAround(grain, nowMs, calendar);
  return { range: { fromMs: periodAround(grain, nowMs, calendar, 1 - points).fromMs, toMs }, grain };
}

function readRangeOfPoints(parameters: Parameters, calendar: CalendarOptions, nowMs: number): Pick<TrendRequest, 'range' | 'grain'> {
  const range = readRange(parameters, calendar, nowMs);
  const grain = readWord<TrendGrain>(parameters, 'grain', TREND_GRAINS, 'day');
  if (range.toMs - range.fromMs > POINTS_MAX * SHORTEST_MS[grain])
    throw badParameter('grain', grain, `makes more than ${POINTS_MAX} points of the time range`, 'Choose week or month, or a shorter time range.');
  return { range, grain };
}

/** No period of the grain is shorter, but for an hour. */
const SHORTEST_MS: Readonly<Record<TrendGrain, number>> = { day: DAY_MS, week: 7 * DAY_MS, month: 28 * DAY_MS };

function readFigure(parameters: Parameters): FigureName {
  const name = parameters.get('measure') ?? 'cost';
  const problem = isFigure(name) ? 'is no sum, so it has no total' : 'is not known';
  if (!isFigure(name) || !isSum(name)) throw badParameter('measure', name, problem, `Allowed: ${SUMS.join(', ')}.`, suggest(name, SUMS));
  return name;
}

async function answerTrend(request: TrendRequest, { reader, now }: Asking): Promise<TrendAnswer> {
  const nowMs = now();
  const { where, hints } = await knownFilters(request.where, reader);
  const known = { ...request, where };
  const compared = compareRange(request.range, request.calendar, nowMs);
  const facts = await reader.snapshot((ledger) => readTrend(ledger, known, compared));
  return renderTrend(facts, known, compared, hints, nowMs);
}

function trendCsv(_: TrendRequest, { points, by, series, others }: TrendAnswer): Iterable<string> {
  if (by === null)
    return csvPieces(
      ['start', 'value', 'moving_average'],
      points.map(({ start, value, moving_average }) => [start, value ?? '', moving_average ?? '']),
    );
  const all = [...series, ...(others === null ? [] : [{ ...others, value: '(others)' }])];
  return csvPieces(
    ['start', by, 'value'],
    points.flatMap(({ start }, index) => all.map(({ value, values }) => [start, value, values[index] ?? ''])),
  );
}
