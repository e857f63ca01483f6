/** GET /api/v1/compare: models, teams, periods or values of any dimension side by side. */
import { z } from 'zod';
import { DIMENSION_NAMES, type DimensionName } from '../catalog/measures.ts';
import { type Filter, showValue, storedValue } from '../catalog/values.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { namedPeriod } from '../core/time-range.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import { type PriceBook, priceAt } from '../pricing/price-book.ts';
import { type ComparisonAnswer, comparisonSchema } from './compare/answer.ts';
import { MEASURES, readValues, readWhole, type Sums } from './compare/facts.ts';
import { renderItem } from './compare/render.ts';
import { compareRange, RANGE_SHAPES, type Range, readRange } from './compared-range.ts';
import { readDimensions } from './dimension-parameter.ts';
import { type FilterHint, knownFilters } from './known-values.ts';
import { badParameter, listed, type Parameters, readCalendar, readCount, readTimeRange, readWhere, WHERE_SHAPE } from './parameters.ts';
import { type Asking, type ParseContext, question } from './question.ts';
import { freshnessOf } from './render.ts';
import { listCostOf, newestModels, pricedTokens } from './token-prices.ts';
import { byName, largestFirst, sumIn } from './totals.ts';
import { renderUsage } from './usage-figures.ts';

export type { ComparisonAnswer } from './compare/answer.ts';

const NAMED = { models: 'model', teams: 'team', users: 'user' } as const satisfies Record<string, DimensionName>;
const NAMED_KEYS = ['models', 'teams', 'users'] as const;
const ALL = 'all';
const ITEMS_MAX = 50;
const LIMIT_DEFAULT = 10;
const RANGE_OF = '..';

interface Common {
  readonly calendar: CalendarOptions;
  readonly where: readonly Filter[];
}

/** Values of a dimension within one time range. */
interface OfValues extends Common {
  readonly of: DimensionName;
  readonly range: Range;
  /** As stored; undefined: all, the most expensive first, at most `limit`. */
  readonly values: readonly string[] | undefined;
  readonly limit: number;
}

interface OfPeriods extends Common {
  readonly of: 'period';
  readonly periods: readonly { readonly name: string; readonly range: Range }[];
}

export type ComparisonRequest = OfValues | OfPeriods;

const list = (what: string, example: string) =>
  z
    .string()
    .describe(what)
    .meta({ examples: [example] });

export const COMPARE = question<ComparisonRequest, ComparisonAnswer>({
  id: 'compare',
  path: '/compare',
  summary: 'Models, teams, periods or anything else side by side.',
  description:
    'Give one of models, teams, users, periods, or by with values; without any, all models. Periods of different length are compared per day and per developer.',
  parameters: {
    models: { schema: list('Models, comma-separated, or all: those in use, and the newest of each line.', 'all') },
    teams: { schema: list('Teams, comma-separated, or all.', 'platform,search') },
    users: { schema: list('Users, comma-separated, or all.', 'ada@example.com,bob@example.com') },
    periods: { schema: list(`Periods, comma-separated: words as in period, or from${RANGE_OF}to.`, 'last_month,this_month') },
    by: {
      schema: z
        .string()
        .describe('A dimension, with values.')
        .meta({ examples: ['workspace'] }),
      listOf: DIMENSION_NAMES,
    },
    values: { schema: list('Its values, comma-separated, or all.', 'all') },
    ...RANGE_SHAPES,
    limit: {
      schema: z.number().int().min(1).max(ITEMS_MAX).describe(`Of all, the most expensive. Without it: ${LIMIT_DEFAULT}, of models ${ITEMS_MAX}.`),
    },
    where: WHERE_SHAPE,
  },
  answer: comparisonSchema,
  parse: ({ parameters }, context) => parseComparison(parameters, context),
  ask: (request, asking) => (request.of === 'period' ? comparePeriods(request, asking) : compareValues(request, asking)),
});

function parseComparison(parameters: Parameters, { config, nowMs }: ParseContext): ComparisonRequest {
  const calendar = readCalendar(parameters, config);
  const common = { calendar, where: readWhere(parameters) };
  const given = [...NAMED_KEYS, 'periods', 'by'].filter((key) => parameters.has(key));
  const [key = 'models', other] = given;
  if (other !== undefined) throw badParameter(other, parameters.get(other) ?? '', `cannot be combined with ${key}`, 'Compare one thing at a time.');
  if (parameters.has('values') !== parameters.has('by'))
    throw badParameter('values', parameters.get('values') ?? '', 'needs by, and by needs values', 'Such as by=workspace&values=all.');
  if (key === 'periods') return { ...common, of: 'period', periods: readPeriods(parameters, calendar, nowMs) };
  const of = readDimension(key, parameters);
  const limit = readCount(parameters, 'limit', of === 'model' ? ITEMS_MAX : LIMIT_DEFAULT, ITEMS_MAX);
  const values = readItems(key === 'by' ? 'values' : key, parameters, ALL);
  const stored = values.length === 1 && values[0] === ALL ? undefined : values.map((value) => storedValue(of, value));
  return { ...common, of, range: readRange(parameters, calendar, nowMs), values: stored && [...new Set(stored)], limit };
}

function readDimension(key: string, parameters: Parameters): DimensionName {
  const named = NAMED_KEYS.find((name) => name === key);
  const [of] = named === undefined ? readDimensions(parameters, 'by', 1) : [NAMED[named]];
  if (of === undefined) throw badParameter('by', '', 'names no dimension', `Allowed: ${DIMENSION_NAMES.join(', ')}.`);
  return of;
}

function readItems(key: string, parameters: Parameters, fallback: string): readonly string[] {
  const text = parameters.get(key) ?? fallback;
  const items = listed(text);
  if (items.length === 0 || items.length > ITEMS_MAX)
    throw badParameter(key, text, `names ${items.length} things`, `Give 1 to ${ITEMS_MAX}, or all.`);
  return items;
}

function readPeriods(parameters: Parameters, calendar: CalendarOptions, nowMs: number): OfPeriods['periods'] {
  const range = Object.keys(RANGE_SHAPES).find((key) => key !== 'tz' && parameters.has(key));
  if (range !== undefined) throw badParameter(range, parameters.get(range) ?? '', 'cannot be combined with periods', 'Periods say when they are.');
  return [...new Set(readItems('periods', parameters, ''))].map((name) => ({ name, range: readPeriod(name, calendar, nowMs) }));
}

function readPeriod(word: string, calendar: CalendarOptions, nowMs: number): Range {
  const [from = '', to] = word.split(RANGE_OF);
  const range = to === undefined ? namedPeriod(word, calendar, nowMs) : undefined;
  if (range !== undefined) return range;
  if (to === undefined) throw badParameter('periods', word, 'is not a period', 'Such as last_month, 2026-11, 2026-Q4, 7d or 2026-11-01..2026-11-15.');
  const { fromMs, toMs } = readTimeRange(new URLSearchParams({ from, to }), calendar, nowMs);
  return { fromMs: fromMs ?? 0, toMs: toMs ?? 0 };
}

async function comparePeriods({ periods, calendar, where: asked }: OfPeriods, { reader, now }: Asking): Promise<ComparisonAnswer> {
  const nowMs = now();
  const { where, hints } = await knownFilters(asked, reader);
  const facts = await reader.snapshot(async (ledger) => {
    const all = [];
    for (const { name, range } of periods) all.push({ name, range, ...(await readWhole(ledger, { range, calendar, where })) });
    return all;
  });
  const items = facts.map(({ name, range, whole: sums }) => {
    const { isRunning } = compareRange(range, calendar, nowMs);
    return renderItem({ name, range, isRunning, sums, calendar, nowMs, whole: undefined, atList: undefined });
  });
  return {
    ...{ of: 'period', time_zone: calendar.timeZone, items, left_out: 0, total: null },
    ...freshnessOf(facts[0]?.asOfMs, nowMs),
    hints: [...hints],
  };
}

async function compareValues(request: OfValues, { reader, now, prices }: Asking): Promise<ComparisonAnswer> {
  const nowMs = now();
  const { where, hints } = await knownFilters(request.where, reader);
  const named = request.values && (await knownFilters([{ dimension: request.of, values: request.values }], reader));
  const values = named === undefined ? undefined : named.where[0]?.values;
  const known = { ...request, where, values };
  const { sums, whole, asOfMs } = await reader.snapshot((ledger) => readSides(ledger, known));
  const { of, range, calendar } = known;
  const { shown, leftOut } = chosen(sums, known, prices, Math.min(nowMs, range.toMs));
  const { isRunning } = compareRange(range, calendar, nowMs);
  const all = sumIn(MEASURES, whole.values);
  const atList = (model: string): bigint | undefined => {
    const rates = of === 'model' ? priceAt(prices, model, Math.min(nowMs, range.toMs))?.normal : undefined;
    return rates && listCostOf(pricedTokens(all), rates);
  };
  return {
    of,
    time_zone: calendar.timeZone,
    items: shown.map((value) =>
      renderItem({
        ...{ name: showValue(of, value), range, isRunning, calendar, nowMs, whole: all('cost'), atList: atList(value) },
        sums: sums.get(value) ?? { values: [], developers: whole.developers === undefined ? undefined : 0 },
      }),
    ),
    left_out: leftOut,
    total: renderUsage(all),
    ...freshnessOf(asOfMs, nowMs),
    hints: [...hints, ...missing(named?.hints ?? [], prices)],
  };
}

async function readSides(ledger: LedgerSnapshot, request: OfValues) {
  const { whole, asOfMs } = await readWhole(ledger, request);
  return { whole, asOfMs, sums: await readValues(ledger, request, request.of) };
}

/** A model that nobody used, but that has a price, is there to be compared with. */
const missing = (hints: readonly FilterHint[], { models }: PriceBook): readonly FilterHint[] =>
  hints.filter(({ dimension, value }) => dimension !== 'model' || !models.includes(value));

interface Chosen {
  readonly shown: readonly string[];
  readonly leftOut: number;
}

function chosen(sums: ReadonlyMap<string, Sums>, { of, values, limit }: OfValues, prices: PriceBook, atMs: number): Chosen {
  if (values !== undefined) return { shown: values, leftOut: 0 };
  const costOf = (value: string): bigint => sumIn(MEASURES, sums.get(value)?.values ?? [])('cost');
  const unused = of === 'model' ? newestModels(prices, atMs) : [];
  const all = [...new Set([...sums.keys(), ...unused])].sort((a, b) => largestFirst(costOf(a), costOf(b)) || byName(a, b));
  return { shown: all.slice(0, limit), leftOut: Math.max(0, all.length - limit) };
}
