/** GET /api/v1/api-requests: what the API itself counted, beside what clients reported of the same requests. */
import { z } from 'zod';
import { showValue } from '../catalog/values.ts';
import { formatUsd } from '../core/money.ts';
import type { ApiRequestSum, ApiRequestsAnswer as Counted } from '../ledger/api-requests.ts';
import { type AnswerOf, ageSchema, usdSchema } from './answer-schemas.ts';
import { type Range, rangeSchema, renderRange } from './compared-range.ts';
import { csvPieces } from './csv.ts';
import { FORMAT_SHAPE } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf } from './render.ts';
import { readUtcDays, UTC_RANGE_SHAPES } from './utc-days.ts';

const tokensSchema = z.object({
  input: z.number().int().describe('Uncached.'),
  output: z.number().int(),
  cache_read: z.number().int(),
  cache_creation_5m: z.number().int(),
  cache_creation_1h: z.number().int(),
});

const countedSchema = z.object({
  requests: z.number().int(),
  tokens: tokensSchema,
  cost_usd_list: usdSchema.describe('At the list price of their day.'),
  unpriced_requests: z.number().int().describe('Of models without a list price: not in cost_usd_list.'),
});

const figures = {
  counted: countedSchema.describe('By the API, in all.'),
  reported: countedSchema.extend({ cost_usd: usdSchema.describe('As their clients report it.') }).describe('Of these, what clients reported, too.'),
  not_reported: countedSchema.describe('Of these, what no client reported.'),
};

const answerSchema = z
  .object({
    days: z.number().int().describe('Days of the time range that have spans of the API.'),
    total: z.object(figures),
    completeness: z.number().nullable().describe('Requests that clients reported, of those that the API counted; null without any.'),
    workspaces: z
      .array(z.object({ organization: z.string(), workspace: z.string(), model: z.string(), ...figures }))
      .describe('By organization and workspace of the API and by model, the one with the most list cost that no client reported first.'),
    by_day: z.array(
      z.object({
        day: z.string().describe('UTC, as the provider bills.'),
        ...figures,
        not_counted: z
          .object({ requests: z.number().int(), cost_usd: usdSchema })
          .describe(
            'What clients reported with the id of a request that no span is about: of another organization or provider, or of a time without export.',
          ),
      }),
    ),
    range: rangeSchema,
    ...ageSchema,
  })
  .meta({ id: 'ApiRequests' });
export type ApiRequestsAnswer = AnswerOf<typeof answerSchema>;

export const API_REQUESTS = question<Range, ApiRequestsAnswer>({
  id: 'api_requests',
  path: '/api-requests',
  summary: 'What the API itself counted, beside what clients reported of the same requests.',
  description:
    'From the OpenTelemetry export of the API, matched by the id of each request, and booked nowhere: see docs/api-spans.md. Spans say nothing of teams and users, so a reader who may see only some of them gets an empty answer.',
  parameters: {
    ...UTC_RANGE_SHAPES,
    format: FORMAT_SHAPE,
  },
  answer: answerSchema,
  parse: ({ parameters }, context) => readUtcDays(parameters, context),
  ask: answerApiRequests,
  csv: (_, { workspaces }) =>
    csvPieces(
      CSV_COLUMNS,
      workspaces.map(({ organization, workspace, model, counted, reported, not_reported }) => [
        ...[organization, workspace, model, counted.requests, counted.cost_usd_list],
        ...[reported.requests, reported.cost_usd_list, reported.cost_usd, not_reported.requests, not_reported.cost_usd_list],
      ]),
    ),
});

const CSV_COLUMNS = [
  ...['organization', 'workspace', 'model', 'counted_requests', 'counted_cost_usd_list'],
  ...['reported_requests', 'reported_cost_usd_list', 'reported_cost_usd', 'not_reported_requests', 'not_reported_cost_usd_list'],
];

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

async function answerApiRequests(range: Range, { reader, config, now }: Asking): Promise<ApiRequestsAnswer> {
  const counted = await reader.apiRequests(range);
  const { asOfMs } = await reader.status();
  const total = figuresOf(counted.sums);
  return {
    days: counted.uncounted.length,
    total,
    completeness: total.counted.requests === 0 ? null : total.reported.requests / total.counted.requests,
    workspaces: workspacesOf(counted),
    by_day: counted.uncounted.map(({ dayMs, requests, reportedCost }) => ({
      day: dayOf(dayMs),
      ...figuresOf(counted.sums.filter((sum) => sum.dayMs === dayMs)),
      not_counted: { requests, cost_usd: formatUsd(reportedCost) },
    })),
    range: renderRange(range, { timeZone: 'UTC', weekStart: config.week_start }),
    ...freshnessOf(asOfMs, now()),
  };
}

function workspacesOf({ sums }: Counted): ApiRequestsAnswer['workspaces'] {
  const groups = Map.groupBy(sums, ({ organization, workspace, model }) => JSON.stringify([organization, workspace, model]));
  return [...groups.values()]
    .map((own) => ({ own, lost: sum(own.filter(({ isReported }) => !isReported)).listCost, all: sum(own).listCost }))
    .sort((a, b) => descending(a.lost, b.lost) || descending(a.all, b.all))
    .map(({ own }) => {
      const { organization = '', workspace = '', model = '' } = own[0] ?? {};
      return {
        ...{ organization: showValue('organization', organization), workspace: workspace || DEFAULT_WORKSPACE, model: showValue('model', model) },
        ...figuresOf(own),
      };
    });
}

/** The API gives its default workspace no id. */
const DEFAULT_WORKSPACE = 'default';
const descending = (a: bigint, b: bigint): number => (a > b ? -1 : a < b ? 1 : 0);

function figuresOf(sums: readonly ApiRequestSum[]) {
  const reported = sum(sums.filter(({ isReported }) => isReported));
  return {
    counted: render(sum(sums)),
    reported: { ...render(reported), cost_usd: formatUsd(reported.reportedCost) },
    not_reported: render(sum(sums.filter(({ isReported }) => !isReported))),
  };
}

type Sum = Pick<ApiRequestSum, 'requests' | 'tokens' | 'listCost' | 'unpricedRequests' | 'reportedCost'>;

const NOTHING: Sum = {
  ...{ requests: 0, listCost: 0n, unpricedRequests: 0, reportedCost: 0n },
  tokens: { input: 0, output: 0, cacheRead: 0, cacheCreation5m: 0, cacheCreation1h: 0 },
};

const sum = (sums: readonly Sum[]): Sum =>
  sums.reduce(
    (one, other) => ({
      requests: one.requests + other.requests,
      listCost: one.listCost + other.listCost,
      unpricedRequests: one.unpricedRequests + other.unpricedRequests,
      reportedCost: one.reportedCost + other.reportedCost,
      tokens: {
        input: one.tokens.input + other.tokens.input,
        output: one.tokens.output + other.tokens.output,
        cacheRead: one.tokens.cacheRead + other.tokens.cacheRead,
        cacheCreation5m: one.tokens.cacheCreation5m + other.tokens.cacheCreation5m,
        cacheCreation1h: one.tokens.cacheCreation1h + other.tokens.cacheCreation1h,
      },
    }),
    NOTHING,
  );

const render = ({ requests, tokens, listCost, unpricedRequests }: Sum) => ({
  requests,
  tokens: {
    input: tokens.input,
    output: tokens.output,
    cache_read: tokens.cacheRead,
    cache_creation_5m: tokens.cacheCreation5m,
    cache_creation_1h: tokens.cacheCreation1h,
  },
  cost_usd_list: formatUsd(listCost),
  unpriced_requests: unpricedRequests,
});
