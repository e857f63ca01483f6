/**
 * GET /api/v1/blocks: windows of five hours as the usage limits of plans count them. One begins at the full hour of the first use and lasts five
 * hours; the first use after it begins the next. Limits are those of one account: filter by a user.
 */
import { z } from 'zod';
import type { Filter } from '../catalog/values.ts';
import { QUARTER_MS } from '../core/calendar.ts';
import { HOUR_MS, MINUTE_MS } from '../core/duration.ts';
import { formatUsd } from '../core/money.ts';
import type { TimeRange } from '../core/time-range.ts';
import type { Row } from '../ledger/ledger.ts';
import { ageSchema, amountSchema, hintsSchema, instantSchema, usdSchema } from './answer-schemas.ts';
import { knownFilters } from './known-values.ts';
import { readCalendar, readCount, readTimeRange, readWhere, TIME_RANGE_SHAPES, WHERE_SHAPE } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf, renderAmount, renderInstant } from './render.ts';
import { renderByModel, TOKEN_USAGE_MEASURES, usageByModelShape } from './token-usage.ts';
import { perHour, total } from './totals.ts';

const HOURS_DEFAULT = 5;
const HOURS_MAX = 24;

interface BlocksRequest {
  readonly range: TimeRange;
  readonly where: readonly Filter[];
  readonly lengthMs: number;
}

const rateSchema = z
  .object({
    tokens_per_minute: z.number().describe('Of all classes.'),
    input_output_tokens_per_minute: z.number().describe('Without the prompt cache.'),
    usd_per_hour: usdSchema,
  })
  .meta({ id: 'BurnRate' });

const projectionSchema = z
  .object({ cost_usd: usdSchema, total_tokens: amountSchema, remaining_minutes: z.number().int() })
  .describe('At the end of the block, at its present rate.')
  .meta({ id: 'BlockProjection' });

const blockSchema = z
  .object({
    start: instantSchema.describe('The full hour of its first use.'),
    end: instantSchema,
    last_activity: instantSchema.describe('End of the last quarter of an hour with use, or now.'),
    is_active: z.boolean().describe('It has begun and not ended.'),
    requests: amountSchema,
    ...usageByModelShape,
    burn_rate: rateSchema.nullable(),
    projection: projectionSchema.nullable().describe('Null where the block is over.'),
  })
  .meta({ id: 'Block' });
export type BlockAnswer = z.infer<typeof blockSchema>;

const answerSchema = z
  .object({
    blocks: z.array(blockSchema).describe('Oldest first. Between two may be a pause.'),
    hours: z.number().int().describe('Length of a block.'),
    from: instantSchema.nullable(),
    to: instantSchema.nullable(),
    time_zone: z.string(),
    hints: hintsSchema,
    ...ageSchema,
  })
  .meta({ id: 'Blocks' });
export type BlocksAnswer = z.infer<typeof answerSchema>;

export const BLOCKS = question<BlocksRequest, BlocksAnswer>({
  id: 'blocks',
  path: '/blocks',
  summary: 'Usage in windows of five hours, as plan limits count them.',
  description: 'From sums by quarters of an hour. Limits are those of one account: filter by a user. Expensive: narrow the time range.',
  parameters: {
    ...TIME_RANGE_SHAPES,
    where: WHERE_SHAPE,
    hours: { schema: z.coerce.number().int().min(1).max(HOURS_MAX).describe('Length of a block.').meta({ default: HOURS_DEFAULT }) },
  },
  answer: answerSchema,
  parse: ({ parameters }, { config, nowMs }) => ({
    range: readTimeRange(parameters, readCalendar(parameters, config), nowMs),
    where: readWhere(parameters),
    lengthMs: readCount(parameters, 'hours', HOURS_DEFAULT, HOURS_MAX) * HOUR_MS,
  }),
  ask: answerBlocks,
});

async function answerBlocks({ range, where: asked, lengthMs }: BlocksRequest, asking: Asking): Promise<BlocksAnswer> {
  const { where, hints } = await knownFilters(asked, asking.reader);
  const { rows, asOfMs } = await asking.reader.query({
    measures: [...TOKEN_USAGE_MEASURES, 'requests'],
    by: ['model'],
    ...range,
    grain: 'quarter_hour',
    timeZone: 'UTC',
    where,
    rowsMax: asking.config.limits.query_rows,
  });
  const nowMs = asking.now();
  return {
    blocks: blocksOf(rows, lengthMs).map((block) => renderBlock(block, lengthMs, nowMs)),
    ...{ hours: lengthMs / HOUR_MS, from: renderInstant(range.fromMs), to: renderInstant(range.toMs), time_zone: 'UTC' },
    hints: [...hints],
    ...freshnessOf(asOfMs, nowMs),
  };
}

interface Block {
  readonly startMs: number;
  /** Starts of the first and the last quarter of an hour with use. */
  readonly firstMs: number;
  lastMs: number;
  readonly rows: Row[];
}

/** A quarter of an hour stands for whatever happened in it. */
function blocksOf(rows: readonly Row[], lengthMs: number): Block[] {
  const used = rows.filter(({ values }) => values.some((value) => value !== 0n)).sort((a, b) => (a.startMs ?? 0) - (b.startMs ?? 0));
  const blocks: Block[] = [];
  for (const row of used) {
    const { startMs: quarterMs = 0 } = row;
    const block = blocks.at(-1);
    if (block === undefined || quarterMs >= block.startMs + lengthMs) {
      blocks.push({ startMs: quarterMs - (quarterMs % HOUR_MS), firstMs: quarterMs, lastMs: quarterMs, rows: [row] });
    } else {
      block.rows.push(row);
      block.lastMs = quarterMs;
    }
  }
  return blocks;
}

function renderBlock({ startMs, firstMs, lastMs, rows }: Block, lengthMs: number, nowMs: number): BlockAnswer {
  const byModel = [...Map.groupBy(rows, ({ key: [model = ''] }) => model)].map(([model, own]) => ({ model, values: sumsOf(own) }));
  const { usage, models } = renderByModel(byModel.map(({ model, values }) => ({ model, values: values.slice(0, TOKEN_USAGE_MEASURES.length) })));
  const sums = sumsOf(rows);
  const endMs = startMs + lengthMs;
  const seenMs = Math.max(firstMs, Math.min(lastMs + QUARTER_MS, nowMs));
  // What a clock that is ahead has dated later does not run yet.
  const isActive = startMs <= nowMs && nowMs < endMs;
  // What is known by quarters has no rate within the first of them.
  const elapsedMs = Math.max(QUARTER_MS, seenMs - firstMs);
  return {
    ...{ start: renderInstant(startMs), end: renderInstant(endMs), last_activity: renderInstant(seenMs), is_active: isActive },
    requests: renderAmount('requests', sums.at(-1) ?? 0n),
    ...usage,
    models,
    burn_rate: rateOf(sums, elapsedMs),
    projection: isActive ? projectionOf(sums, elapsedMs, endMs - nowMs) : null,
  };
}

const sumsOf = (rows: readonly Row[]): bigint[] =>
  [...TOKEN_USAGE_MEASURES, 'requests'].map((_, index) => total(rows.map(({ values }) => values[index] ?? 0n)));

function rateOf([cost = 0n, input = 0n, output = 0n, ...cache]: readonly bigint[], elapsedMs: number): z.infer<typeof rateSchema> {
  const perMinute = (tokens: bigint): number => (Number(tokens) * MINUTE_MS) / elapsedMs;
  return {
    tokens_per_minute: perMinute(total([input, output, ...cache.slice(0, 2)])),
    input_output_tokens_per_minute: perMinute(input + output),
    usd_per_hour: formatUsd(perHour(cost, elapsedMs)),
  };
}

function projectionOf([cost = 0n, ...more]: readonly bigint[], elapsedMs: number, leftMs: number): z.infer<typeof projectionSchema> {
  const grown = (value: bigint): bigint => value + (value * BigInt(leftMs)) / BigInt(elapsedMs);
  return {
    cost_usd: formatUsd(grown(cost)),
    total_tokens: renderAmount('input_tokens', grown(total(more.slice(0, 4)))),
    remaining_minutes: Math.round(leftMs / MINUTE_MS),
  };
}
