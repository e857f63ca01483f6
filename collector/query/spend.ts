/** GET /api/v1/spend: any figures, by any dimensions, over any time range, at any grain, where anything holds. */
import { hash } from 'node:crypto';
import { z } from 'zod';
import { figureValue, measuresOf } from '../catalog/figure-values.ts';
import { FIGURE_NAMES, type FigureName, isFigure } from '../catalog/figures.ts';
import { DIMENSION_NAMES, isDimension } from '../catalog/measures.ts';
import type { Config } from '../config/config.ts';
import { GRAINS, QUARTER_MS } from '../core/calendar.ts';
import { EARLIEST_MS, LATEST_MS, type TimeRange } from '../core/time-range.ts';
import type { LedgerReader, Query, QueryResult, Row } from '../ledger/ledger.ts';
import { ageSchema, amountSchema, cellSchema, hintsSchema, instantSchema } from './answer-schemas.ts';
import { csvPieces } from './csv.ts';
import { nextSchema, pageShapes, readCursor, writeCursor } from './cursor.ts';
import { foundRows } from './found-rows.ts';
import { type FilterHint, knownFilters } from './known-values.ts';
import {
  badParameter,
  FORMAT_SHAPE,
  type Parameters,
  readCalendar,
  readCount,
  readNames,
  readTimeRange,
  readWhere,
  readWord,
  TIME_RANGE_SHAPES,
  WHERE_SHAPE,
} from './parameters.ts';
import { question } from './question.ts';
import { type Amount, fieldOf, freshnessOf, inReadingOrder, renderFigure, renderInstant, renderKey } from './render.ts';
import { byQuarter } from './wide-periods.ts';

const BY_MAX = 6;
const PAGE_MAX = 10_000;
const SPEND_GRAINS = [...GRAINS, 'quarter'] as const;

export interface SpendRequest {
  /** Asks for the measures that the figures are made of; those of the first figure come first. */
  readonly query: Query;
  /** Of the answer; the query is by month where this is the quarter. */
  readonly grain: (typeof SPEND_GRAINS)[number];
  readonly figures: readonly FigureName[];
  readonly search: string;
  readonly page: Page | undefined;
  readonly parameters: Parameters;
}

/** Rows of one page, and the row after which they begin; from the first where there is none. */
interface Page {
  readonly limit: number;
  readonly after: Place | undefined;
}

/** Of a row in the order of the answer: its start, the first of its values, its key. */
const placeSchema = z.tuple([z.number().int().nullable(), z.string().regex(/^-?\d{1,60}$/), z.string()]);
type Place = z.infer<typeof placeSchema>;
/** The time range of the first page holds for all: "the last 24 hours" would be others a quarter of an hour later. */
const edgeSchema = z.number().multipleOf(QUARTER_MS).gte(EARLIEST_MS).lte(LATEST_MS).nullable();
const positionSchema = z.tuple([edgeSchema, edgeSchema, placeSchema]);

/** Throws LedgerlineError `invalid`. */
function parseSpend(parameters: Parameters, config: Config, nowMs: number): SpendRequest {
  const calendar = readCalendar(parameters, config);
  const figures = readNames(parameters, 'measures', isFigure, FIGURE_NAMES, ['cost']);
  if (figures.length === 0) throw badParameter('measures', '', 'names no measure', `Allowed: ${FIGURE_NAMES.join(', ')}.`);
  const by = readNames(parameters, 'by', isDimension, DIMENSION_NAMES, []);
  if (by.length > BY_MAX) throw badParameter('by', by.join(','), `names ${by.length} dimensions`, `Give at most ${BY_MAX}.`);
  const position = readCursor(parameters, positionSchema);
  const timeRange = readTimeRange(parameters, calendar, nowMs);
  const grain = readWord(parameters, 'grain', SPEND_GRAINS, 'total');
  const search = parameters.get('search') ?? '';
  return {
    figures,
    grain,
    search,
    query: {
      measures: measuresOf(figures),
      by,
      ...(position === undefined ? timeRange : timeRangeOf(position)),
      grain: grain === 'quarter' ? 'month' : grain,
      timeZone: calendar.timeZone,
      where: readWhere(parameters),
      rowsMax: config.limits.query_rows,
    },
    page:
      parameters.has('limit') || position !== undefined
        ? { limit: readCount(parameters, 'limit', PAGE_MAX, PAGE_MAX), after: position?.[2] }
        : undefined,
    parameters,
  };
}

const timeRangeOf = ([fromMs, toMs]: z.infer<typeof positionSchema>): TimeRange => ({
  ...(fromMs !== null && { fromMs }),
  ...(toMs !== null && { toMs }),
});

const answerSchema = z
  .object({
    rows: z
      .array(z.record(z.string(), cellSchema))
      .describe(
        'One for each period and combination of values: start, dimensions, figures. The oldest period first; within it by the first measure that the first figure is made of, the largest first; then by name.',
      )
      .meta({ examples: [[{ team: 'platform', cost_usd: '12.345678' }]] }),
    next: nextSchema,
    count: z.number().int().nonnegative().describe('Rows on all pages.'),
    total: amountSchema.nullable().describe('Total of the first figure.'),
    totals: z
      .record(z.string(), amountSchema.nullable())
      .describe('Of all rows, also of those on other pages: a ratio is that of the sums. Null where there is nothing to divide by.'),
    ...ageSchema,
    from: instantSchema.nullable(),
    to: instantSchema.nullable(),
    grain: z.enum(SPEND_GRAINS),
    time_zone: z.string(),
    hints: hintsSchema,
  })
  .meta({ id: 'Spend' });
export type SpendAnswer = z.infer<typeof answerSchema>;

export const SPEND = question<SpendRequest, SpendAnswer>({
  id: 'spend',
  path: '/spend',
  summary: 'Spend by anything, over any time.',
  description:
    'Any figures of the catalogue, by up to six dimensions. The sums of the rows are the totals, to the last digit. With `limit` the rows come in pages; what is booked between two pages may show a row twice or move it, so compare `as_of`.',
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
    grain: { schema: z.enum(SPEND_GRAINS).describe('Width of one row.').meta({ default: 'total' }) },
    where: WHERE_SHAPE,
    search: {
      schema: z
        .string()
        .describe('Only rows with this text in one of their names, in any capitals; the totals are theirs. Without by, no row has a name.')
        .meta({ examples: ['platform'] }),
    },
    ...pageShapes(PAGE_MAX, 'all rows at once, up to limits.query_rows'),
    format: FORMAT_SHAPE,
  },
  answer: answerSchema,
  isOfLedger: true,
  parse: ({ parameters }, { config, nowMs }) => parseSpend(parameters, config, nowMs),
  ask: (asked, { reader, now }) => answerSpend(asked, reader, now()),
  csv: spendCsv,
});

/** The question, with users as the ledger spells them, and its answer. */
async function answerSpend(request: SpendRequest, reader: LedgerReader, nowMs: number): Promise<SpendAnswer> {
  const { where, hints } = await knownFilters(request.query.where, reader);
  const query = { ...request.query, where };
  const all = await reader.query(query);
  const result = foundRows(request.grain === 'quarter' ? byQuarter(all, query.timeZone) : all, query.by, request.search);
  return renderSpend({ ...request, query }, result, hints, nowMs);
}

function renderSpend(
  { query, grain, figures, page, parameters }: SpendRequest,
  result: QueryResult,
  hints: readonly FilterHint[],
  nowMs: number,
): SpendAnswer {
  const render = (values: readonly bigint[]): Record<string, Amount | null> => renderFigures(figures, query, values);
  const totals = render(result.totals);
  const { rows, last } = onPage(inReadingOrder(result.rows), page);
  return {
    rows: rows.map((row) => ({
      ...(query.grain === 'total' ? {} : { start: renderInstant(row.startMs) }),
      ...renderKey(query.by, row.key),
      ...render(row.values),
    })),
    next: last === undefined ? null : writeCursor([query.fromMs ?? null, query.toMs ?? null, placeOf(last)], parameters),
    count: result.rows.length,
    total: totals[fieldOf(figures[0] ?? 'cost')] ?? null,
    totals,
    ...freshnessOf(result.asOfMs, nowMs),
    from: renderInstant(query.fromMs),
    to: renderInstant(query.toMs),
    grain,
    time_zone: query.timeZone,
    hints: [...hints],
  };
}

const keyHash = ({ key }: Row): string => hash('sha256', JSON.stringify(key), 'base64url').slice(0, 12);
const placeOf = (row: Row): Place => [row.startMs ?? null, String(row.values[0] ?? 0n), keyHash(row)];

/** Of rows in order, those of the page; and the last of them where more follow. */
function onPage(rows: readonly Row[], page: Page | undefined): { readonly rows: readonly Row[]; readonly last: Row | undefined } {
  if (page === undefined) return { rows, last: undefined };
  const { limit, after } = page;
  const from = after === undefined ? 0 : firstAfter(rows, after);
  const shown = rows.slice(from, from + limit);
  return { rows: shown, last: from + limit < rows.length ? shown.at(-1) : undefined };
}

/** After the very row; where it has changed since, at the first that does not stand before its place. */
function firstAfter(rows: readonly Row[], place: Place): number {
  const [start, valueText, key] = place;
  const value = BigInt(valueText);
  const found = rows.findIndex((row) => (row.startMs ?? null) === start && (row.values[0] ?? 0n) === value && keyHash(row) === key);
  if (found !== -1) return found + 1;
  const isAtOrAfter = ({ startMs = 0, values }: Row): boolean => startMs > (start ?? 0) || (startMs === (start ?? 0) && (values[0] ?? 0n) <= value);
  const next = rows.findIndex(isAtOrAfter);
  return next === -1 ? rows.length : next;
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
