/** GET /api/v1/breakdown: what the spend of a time range is made of, by one dimension or several, and how that changed. */
import { z } from 'zod';
import { DIMENSION_ALIASES } from '../catalog/dimension-aliases.ts';
import { DIMENSION_NAMES, type DimensionName, type MeasureName } from '../catalog/measures.ts';
import { type Filter, showValue } from '../catalog/values.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { formatUsd } from '../core/money.ts';
import { coverageStart } from '../ledger/coverage-start.ts';
import type { LedgerSnapshot, Row } from '../ledger/ledger.ts';
import { ageSchema, hintsSchema, usdSchema } from './answer-schemas.ts';
import { type ComparedRange, compareRange, RANGE_SHAPES, type Range, rangeSchema, readRange, renderRange } from './compared-range.ts';
import { csvPieces } from './csv.ts';
import { readDimensions } from './dimension-parameter.ts';
import { type FilterHint, knownFilters } from './known-values.ts';
import { FORMAT_SHAPE, type Parameters, readCalendar, readCount, readWhere, WHERE_SHAPE } from './parameters.ts';
import { type Asking, type ParseContext, question } from './question.ts';
import { freshnessOf, renderKey } from './render.ts';
import { addTo, byName, changeRatio, largestFirst, shareOf, sumIn } from './totals.ts';
import { renderUsage, USAGE_MEASURES, usageFields } from './usage-figures.ts';

const BY_MAX = 3;
const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 1_000;
/** Combinations that are added up; of more, the smallest are in the others already. */
const ROWS_MAX = 300_000;
const COST = USAGE_MEASURES.indexOf('cost');

export interface BreakdownRequest {
  readonly by: readonly DimensionName[];
  readonly range: Range;
  readonly calendar: CalendarOptions;
  readonly where: readonly Filter[];
  readonly limit: number;
}

const figures = {
  share: z.number().nullable().describe('Of the total cost, 0 to 1.'),
  ...usageFields,
  before_usd: usdSchema.nullable().describe('In the period before, up to the same time; null where the ledger does not cover it.'),
  change_usd: usdSchema.nullable(),
  change_ratio: z.number().nullable().describe('Relative to the period before; null where it had nothing, or less.'),
};

const answerSchema = z
  .object({
    by: z.array(z.enum(DIMENSION_NAMES)),
    range: rangeSchema,
    time_zone: z.string(),
    compared: rangeSchema.nullable().describe('What the range is compared with.'),
    rows: z
      .array(z.object({ values: z.record(z.string(), z.string()).describe('By dimension, as shown.'), ...figures }))
      .describe('The most expensive first; then by cost before, then by name.'),
    others: z
      .object({ count: z.number().int(), ...figures })
      .nullable()
      .describe('All beyond the limit together.'),
    total: z.object(figures),
    absent: z
      .object({ value: z.string(), cost_usd: usdSchema, share: z.number().nullable() })
      .describe('What has no value of the first dimension, wherever it stands in the rows.'),
    ...ageSchema,
    hints: hintsSchema,
  })
  .meta({ id: 'Breakdown' });
export type BreakdownAnswer = z.infer<typeof answerSchema>;
type Figures = BreakdownAnswer['total'];

const aliases = Object.entries(DIMENSION_ALIASES).map(([alias, name]) => `${alias} is ${name}`);

export const BREAKDOWN = question<BreakdownRequest, BreakdownAnswer>({
  id: 'breakdown',
  path: '/breakdown',
  summary: 'What spend is made of, by any dimension, and how that changed.',
  description: 'The rows and the others add up to the total, to the last digit, and so do their changes.',
  parameters: {
    by: {
      schema: z
        .string()
        .describe(`Dimensions, comma-separated, at most ${BY_MAX}. Aliases: ${aliases.join(', ')}.`)
        .meta({ examples: ['feature', 'team,model'], default: 'team' }),
      listOf: DIMENSION_NAMES,
    },
    ...RANGE_SHAPES,
    limit: { schema: z.number().int().min(1).max(LIMIT_MAX).describe('Rows.').meta({ default: LIMIT_DEFAULT }) },
    where: WHERE_SHAPE,
    format: FORMAT_SHAPE,
  },
  answer: answerSchema,
  parse: ({ parameters }, context) => parseBreakdown(parameters, context),
  ask: answerBreakdown,
  csv: breakdownCsv,
});

function parseBreakdown(parameters: Parameters, { config, nowMs }: ParseContext): BreakdownRequest {
  const calendar = readCalendar(parameters, config);
  const by = readDimensions(parameters, 'by', BY_MAX);
  return {
    by: by.length === 0 ? ['team'] : by,
    range: readRange(parameters, calendar, nowMs),
    calendar,
    where: readWhere(parameters),
    limit: readCount(parameters, 'limit', LIMIT_DEFAULT, LIMIT_MAX),
  };
}

/** Rows of one period. */
interface Part {
  readonly rows: readonly Row[];
  readonly totals: readonly bigint[];
}

async function answerBreakdown(request: BreakdownRequest, { reader, now }: Asking): Promise<BreakdownAnswer> {
  const nowMs = now();
  const { where, hints } = await knownFilters(request.where, reader);
  const compared = compareRange(request.range, request.calendar, nowMs);
  const { by, calendar } = request;
  const facts = await reader.snapshot(async (ledger) => {
    const ask = (measures: readonly MeasureName[], range: Range) =>
      ledger.query({ measures, by, ...range, grain: 'total', timeZone: calendar.timeZone, where, rowsMax: ROWS_MAX, beyond: 'other' });
    const current = await ask(USAGE_MEASURES, compared.range);
    const isCovered = await coversBefore(ledger, compared, calendar);
    const before = isCovered && compared.beforeToDate !== undefined ? await ask(['cost'], compared.beforeToDate) : undefined;
    return { now: current, before, asOfMs: current.asOfMs };
  });
  return renderBreakdown(facts, { ...request, compared, hints, nowMs });
}

async function coversBefore(ledger: LedgerSnapshot, { before, range }: ComparedRange, { timeZone }: CalendarOptions): Promise<boolean> {
  return (await coverageStart(ledger, { fromMs: before.fromMs, toMs: range.toMs }, timeZone)) === before.fromMs;
}

interface Rendering extends BreakdownRequest {
  readonly compared: ComparedRange;
  readonly hints: readonly FilterHint[];
  readonly nowMs: number;
}

/** A combination of values, with what it cost before. */
interface Combination {
  readonly key: readonly string[];
  /** In the order of USAGE_MEASURES. */
  readonly values: readonly bigint[];
  readonly before: bigint;
  /** How many it stands for. */
  readonly groups: number;
}

interface Facts {
  readonly now: Part;
  readonly before: Part | undefined;
  readonly asOfMs: number | undefined;
}

function renderBreakdown({ now, before, asOfMs }: Facts, { by, range, calendar, limit, compared, hints, nowMs }: Rendering): BreakdownAnswer {
  const all = combinations(now, before);
  const whole = now.totals[COST] ?? 0n;
  const render = (values: readonly bigint[], past: bigint): Figures => renderFigures(values, before === undefined ? undefined : past, whole);
  const shown = all.filter(({ groups }) => groups === 1).slice(0, limit);
  const hidden = all.filter((one) => !shown.includes(one));
  const [first] = by;
  const absent = all.reduce((sum, { key, values }) => (key[0] === '' ? sum + (values[COST] ?? 0n) : sum), 0n);
  return {
    by: [...by],
    range: renderRange(range, calendar),
    time_zone: calendar.timeZone,
    compared: compared.beforeToDate === undefined ? null : renderRange(compared.beforeToDate, calendar),
    rows: shown.map(({ key, values, before: past }) => ({ values: renderKey(by, key), ...render(values, past) })),
    others: hidden.length === 0 ? null : { count: hidden.reduce((sum, { groups }) => sum + groups, 0), ...renderTogether(hidden, render) },
    total: render(now.totals, before?.totals[0] ?? 0n),
    absent: { value: first === undefined ? '' : showValue(first, ''), cost_usd: formatUsd(absent), share: shareOf(absent, whole) },
    ...freshnessOf(asOfMs, nowMs),
    hints: [...hints],
  };
}

function combinations(now: Part, before: Part | undefined): Combination[] {
  const idOf = (key: readonly string[]): string => JSON.stringify(key);
  const past = new Map((before?.rows ?? []).map(({ key, values: [cost = 0n], groups = 1 }) => [idOf(key), { key, cost, groups }]));
  const current = now.rows.map(({ key, values, groups = 1 }) => ({ key, values, groups, before: past.get(idOf(key))?.cost ?? 0n }));
  const known = new Set(current.map(({ key }) => idOf(key)));
  const gone = [...past].filter(([id]) => !known.has(id)).map(([, { key, cost, groups }]) => ({ key, values: NOTHING, groups, before: cost }));
  return [...current, ...gone].sort(
    (a, b) =>
      largestFirst(a.values[COST] ?? 0n, b.values[COST] ?? 0n) || largestFirst(a.before, b.before) || byName(a.key.join('\0'), b.key.join('\0')),
  );
}

const NOTHING = USAGE_MEASURES.map(() => 0n);

function renderTogether(hidden: readonly Combination[], render: (values: readonly bigint[], past: bigint) => Figures): Figures {
  const sums = [...NOTHING];
  for (const { values } of hidden) addTo(sums, values);
  return render(
    sums,
    hidden.reduce((sum, { before }) => sum + before, 0n),
  );
}

function renderFigures(values: readonly bigint[], before: bigint | undefined, whole: bigint): Figures {
  const cost = values[COST] ?? 0n;
  return {
    share: shareOf(cost, whole),
    ...renderUsage(sumIn(USAGE_MEASURES, values)),
    before_usd: before === undefined ? null : formatUsd(before),
    change_usd: before === undefined ? null : formatUsd(cost - before),
    change_ratio: before === undefined ? null : changeRatio(cost, before),
  };
}

function breakdownCsv({ by }: BreakdownRequest, { rows, others }: BreakdownAnswer): Iterable<string> {
  const fields = Object.keys(figures) as (keyof Figures)[];
  const lines = rows.map((row) => [...by.map((name) => row.values[name] ?? ''), ...fields.map((field) => row[field] ?? '')]);
  const rest = others === null ? [] : [[...by.map(() => '(others)'), ...fields.map((field) => others[field] ?? '')]];
  return csvPieces([...by, ...fields], [...lines, ...rest]);
}
