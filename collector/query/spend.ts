/** GET /api/v1/spend: any figures, by any dimensions, over any time range, at any grain, where anything holds. */
import { z } from 'zod';
import { figureValue, measuresOf } from '../catalog/figure-values.ts';
import { FIGURE_NAMES, type FigureName, isFigure } from '../catalog/figures.ts';
import { DIMENSION_NAMES, isDimension } from '../catalog/measures.ts';
import type { Config } from '../config/config.ts';
import { GRAINS, type Grain } from '../core/calendar.ts';
import type { LedgerReader, Query, QueryResult } from '../ledger/ledger.ts';
import { ageSchema, amountSchema, cellSchema, hintSchema, instantSchema } from './answer-schemas.ts';
import { csvPieces } from './csv.ts';
import { type FilterHint, knownFilters } from './known-values.ts';
import {
  badParameter,
  type Parameters,
  readCalendar,
  readNames,
  readTimeRange,
  readWhere,
  readWord,
  TIME_RANGE_SHAPES,
  WHERE_SHAPE,
} from './parameters.ts';
import { question } from './question.ts';
import { type Amount, fieldOf, freshnessOf, inReadingOrder, renderFigure, renderInstant, renderKey } from './render.ts';

const BY_MAX = 6;
const FORMATS = ['json', 'csv'] as const;

export interface SpendRequest {
  /** Asks for the measures that the figures are made of; those of the first figure come first. */
  readonly query: Query;
  readonly figures: readonly FigureName[];
  readonly format: (typeof FORMATS)[number] | undefined;
}

/** Throws LedgerlineError `invalid`. */
function parseSpend(parameters: Parameters, config: Config, nowMs: number): SpendRequest {
  const calendar = readCalendar(parameters, config);
  const figures = readNames(parameters, 'measures', isFigure, FIGURE_NAMES, ['cost']);
  if (figures.length === 0) throw badParameter('measures', '', 'names no measure', `Allowed: ${FIGURE_NAMES.join(', ')}.`);
  const by = readNames(parameters, 'by', isDimension, DIMENSION_NAMES, []);
  if (by.length > BY_MAX) throw badParameter('by', by.join(','), `names ${by.length} dimensions`, `Give at most ${BY_MAX}.`);
  return {
    figures,
    query: {
      measures: measuresOf(figures),
      by,
      ...readTimeRange(parameters, calendar, nowMs),
      grain: readWord<Grain>(parameters, 'grain', GRAINS, 'total'),
      timeZone: calendar.timeZone,
      where: readWhere(parameters),
      rowsMax: config.limits.query_rows,
    },
    format: parameters.has('format') ? readWord(parameters, 'format', FORMATS, 'json') : undefined,
  };
}

const answerSchema = z
  .object({
    rows: z.array(z.record(z.string(), cellSchema)).describe('One for each period and combination of values: start, dimensions, figures.'),
    total: amountSchema.nullable().describe('Total of the first figure.'),
    totals: z
      .record(z.string(), amountSchema.nullable())
      .describe('Of everything together: a ratio is that of the sums. Null where there is nothing to divide by.'),
    ...ageSchema,
    from: instantSchema.nullable(),
    to: instantSchema.nullable(),
    grain: z.enum(GRAINS),
    time_zone: z.string(),
    hints: z.array(hintSchema).describe('For each value of the filters that no record has.'),
  })
  .meta({ id: 'Spend' });
export type SpendAnswer = z.infer<typeof answerSchema>;

export const SPEND = question<SpendRequest, SpendAnswer>({
  id: 'spend',
  path: '/spend',
  summary: 'Spend by anything, over any time.',
  description: 'Any figures of the catalogue, by up to six dimensions. The sums of the rows are the totals, to the last digit.',
  parameters: {
    by: {
      schema: z
        .string()
        .describe(`Dimensions, comma-separated, at most ${BY_MAX}. Without it: one row for everything.`)
        .meta({ examples: ['team,model'] }),
      listOf: DIMENSION_NAMES,
    },
    measures: {
      schema: z
        .string()
        .describe('Measures and figures derived from them, comma-separated.')
        .meta({ examples: ['cost,cache_hit_ratio'], default: 'cost' }),
      listOf: FIGURE_NAMES,
    },
    ...TIME_RANGE_SHAPES,
    grain: { schema: z.enum(GRAINS).describe('Width of one row.').meta({ default: 'total' }) },
    where: WHERE_SHAPE,
    format: { schema: z.enum(FORMATS).describe('Or the header Accept: text/csv.').meta({ default: 'json' }) },
  },
  answer: answerSchema,
  parse: ({ parameters }, { config, nowMs }) => parseSpend(parameters, config, nowMs),
  ask: (asked, { reader, now }) => answerSpend(asked, reader, now()),
  csv: spendCsv,
});

/** The question, with users as the ledger spells them, and its answer. */
async function answerSpend(request: SpendRequest, reader: LedgerReader, nowMs: number): Promise<SpendAnswer> {
  const { where, hints } = await knownFilters(request.query.where, reader);
  const query = { ...request.query, where };
  return renderSpend({ ...request, query }, await reader.query(query), hints, nowMs);
}

function renderSpend(
  { query, figures }: Pick<SpendRequest, 'query' | 'figures'>,
  result: QueryResult,
  hints: readonly FilterHint[],
  nowMs: number,
): SpendAnswer {
  const render = (values: readonly bigint[]): Record<string, Amount | null> => renderFigures(figures, query, values);
  const totals = render(result.totals);
  return {
    rows: inReadingOrder(result.rows).map((row) => ({
      ...(query.grain === 'total' ? {} : { start: renderInstant(row.startMs) }),
      ...renderKey(query.by, row.key),
      ...render(row.values),
    })),
    total: totals[fieldOf(figures[0] ?? 'cost')] ?? null,
    totals,
    ...freshnessOf(result.asOfMs, nowMs),
    from: renderInstant(query.fromMs),
    to: renderInstant(query.toMs),
    grain: query.grain,
    time_zone: query.timeZone,
    hints: [...hints],
  };
}

function renderFigures(figures: readonly FigureName[], { measures }: Query, values: readonly bigint[]): Record<string, Amount | null> {
  const sums = new Map(measures.map((measure, index) => [measure, values[index] ?? 0n]));
  return Object.fromEntries(
    figures.map((name) => [
      fieldOf(name),
      renderFigure(
        name,
        figureValue(name, (measure) => sums.get(measure) ?? 0n),
      ),
    ]),
  );
}

function spendCsv({ query, figures }: Pick<SpendRequest, 'query' | 'figures'>, answer: SpendAnswer): Iterable<string> {
  const columns = [...(query.grain === 'total' ? [] : ['start']), ...query.by, ...figures.map(fieldOf)];
  return csvPieces(
    columns,
    answer.rows.map((row) => columns.map((column) => row[column] ?? '')),
  );
}
