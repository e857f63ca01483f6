/** GET /api/v1/top: who and what spends now, how fast, and which budgets do not last. */
import { z } from 'zod';
import type { DimensionName } from '../catalog/measures.ts';
import { fullSessionId, shownSessionId } from '../catalog/session-ids.ts';
import { type Filter, showValue } from '../catalog/values.ts';
import { HOUR_MS, MINUTE_MS } from '../core/duration.ts';
import { formatUsd, type PicoUsd } from '../core/money.ts';
import { floorQuarter } from '../core/time-range.ts';
import type { LedgerSnapshot, Row } from '../ledger/ledger.ts';
import { ageSchema, amountSchema, hintsSchema, instantSchema, usdSchema } from './answer-schemas.ts';
import { knownFilters } from './known-values.ts';
import { largestSessions, type SpendingSession } from './largest-sessions.ts';
import { readCount, readWhere, readWord, WHERE_SHAPE } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf, inReadingOrder, renderAmount, renderInstant } from './render.ts';
import { topBudgetSchema, topBudgets } from './top-budgets.ts';
import { perHour, shareOf as shareOrNull, total } from './totals.ts';

/** Beside the quarter of an hour that runs. */
const WINDOWS = { '15m': 15 * MINUTE_MS, '1h': HOUR_MS, '4h': 4 * HOUR_MS, '24h': 24 * HOUR_MS } as const;
type WindowWord = keyof typeof WINDOWS;
const WINDOW_WORDS = Object.keys(WINDOWS) as WindowWord[];
const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 100;
const MEASURES = ['cost', 'requests', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const;

export interface TopRequest {
  readonly window: WindowWord;
  readonly fromMs: number;
  readonly where: readonly Filter[];
  /** Of each list. */
  readonly limit: number;
}

const spentSchema = {
  cost_usd: usdSchema,
  share: z.number().describe('Of the total, 0 to 1.'),
  usd_per_hour: usdSchema.describe('At the rate of the window.'),
  requests: amountSchema,
  tokens: amountSchema,
};

const userSchema = z
  .object({
    user: z.string(),
    team: z.string(),
    ...spentSchema,
    users: z.number().int().nullable().describe('About how many "(other)" stands for; null for one user.'),
  })
  .meta({ id: 'TopUser' });

const modelSchema = z.object({ model: z.string(), ...spentSchema }).meta({ id: 'TopModel' });

const sessionSchema = z
  .object({
    session_id: z.string().describe('As the client calls it.'),
    full_id: z.string().describe('Names this session alone.'),
    ...{ user: z.string(), team: z.string(), workspace: z.string() },
    cost_usd: usdSchema.describe('Within the window.'),
    share: z.number().describe('Of the total, 0 to 1.'),
    session_cost_usd: usdSchema.describe('Of the session since it began.'),
    first_seen: instantSchema,
    last_seen: instantSchema,
  })
  .meta({ id: 'TopSession' });

const answerSchema = z
  .object({
    window: z.enum(WINDOW_WORDS),
    from: instantSchema.describe('A whole quarter of an hour: the window, and what of the present quarter has passed.'),
    to: instantSchema.describe('Now.'),
    cost_usd: usdSchema,
    usd_per_hour: usdSchema.describe('The rate of the window.'),
    previous_cost_usd: usdSchema.describe('Of the time before: the window without what of the present quarter has passed, so compare rates.'),
    previous_usd_per_hour: usdSchema.describe('The rate of that time.'),
    requests: amountSchema,
    tokens: amountSchema,
    users: z.array(userSchema).describe('The largest first.'),
    sessions: z.array(sessionSchema).describe('By what they cost within the window.'),
    sessions_exact: z.boolean().describe('False where a session is too long to be looked into: it may be missing.'),
    models: z.array(modelSchema),
    budgets: z.array(topBudgetSchema).describe('Used up, nearly, or within their period at the present rate; the soonest first.'),
    hints: hintsSchema,
    ...ageSchema,
  })
  .meta({ id: 'Top' });
export type TopAnswer = z.infer<typeof answerSchema>;

export const TOP = question<TopRequest, TopAnswer>({
  id: 'top',
  path: '/top',
  summary: 'Who and what spends now.',
  description: 'The users, sessions and models of the last minutes, how much they spend per hour, and the budgets that do not last.',
  parameters: {
    window: { schema: z.enum(WINDOW_WORDS).describe('How far back; it begins on a quarter of an hour.').meta({ default: '1h' }) },
    limit: { schema: z.coerce.number().int().min(1).max(LIMIT_MAX).describe('Rows of each list.').meta({ default: LIMIT_DEFAULT }) },
    where: WHERE_SHAPE,
  },
  answer: answerSchema,
  parse({ parameters }, { nowMs }) {
    const window = readWord(parameters, 'window', WINDOW_WORDS, '1h');
    return {
      window,
      fromMs: floorQuarter(nowMs - WINDOWS[window]),
      where: readWhere(parameters),
      limit: readCount(parameters, 'limit', LIMIT_DEFAULT, LIMIT_MAX),
    };
  },
  ask: answerTop,
});

async function answerTop(asked: TopRequest, asking: Asking): Promise<TopAnswer> {
  const { reader, now } = asking;
  const { where, hints } = await knownFilters(asked.where, reader);
  const nowMs = now();
  const { fromMs, limit } = asked;
  const elapsedMs = Math.max(MINUTE_MS, nowMs - fromMs);
  const read = await reader.snapshot((ledger) => readTop(ledger, { ...asked, where }));
  const spent = (row: Row): z.infer<z.ZodObject<typeof spentSchema>> => {
    const [cost = 0n, requests = 0n, ...tokens] = row.values;
    return {
      ...{ cost_usd: formatUsd(cost), share: shareOf(cost, read.cost), usd_per_hour: formatUsd(perHour(cost, elapsedMs)) },
      ...{ requests: renderAmount('requests', requests), tokens: renderAmount('input_tokens', total(tokens)) },
    };
  };
  return {
    ...{ window: asked.window, from: renderInstant(fromMs), to: renderInstant(nowMs) },
    ...{ cost_usd: formatUsd(read.cost), usd_per_hour: formatUsd(perHour(read.cost, elapsedMs)) },
    ...{ previous_cost_usd: formatUsd(read.before), previous_usd_per_hour: formatUsd(perHour(read.before, WINDOWS[asked.window])) },
    ...{ requests: renderAmount('requests', read.requests), tokens: renderAmount('input_tokens', read.tokens) },
    users: othersLast(read.users).map((row) => ({ ...names(['user', 'team'], row), ...spent(row), users: row.groups ?? null })),
    sessions: read.sessions.sessions.map((one) => renderSession(one, read.cost)),
    sessions_exact: read.sessions.isExact,
    models: othersLast(read.models).map((row) => ({ ...names(['model'], row), ...spent(row) })),
    budgets: await topBudgets(asking, where, { fromMs, elapsedMs }, limit),
    hints: [...hints],
    ...freshnessOf(read.asOfMs, nowMs),
  };
}

async function readTop(ledger: LedgerSnapshot, { fromMs, where, limit, window }: TopRequest) {
  const query = { measures: MEASURES, fromMs, grain: 'total', timeZone: 'UTC', where, beyond: 'other' } as const;
  const users = await ledger.query({ ...query, by: ['user', 'team'], rowsMax: limit });
  const models = await ledger.query({ ...query, by: ['model'], rowsMax: limit });
  const earlier = { measures: ['cost'], by: [], fromMs: fromMs - WINDOWS[window], toMs: fromMs, rowsMax: 1 } as const;
  const before = await ledger.query({ ...query, ...earlier });
  const [cost = 0n, requests = 0n, ...tokens] = users.totals;
  return {
    ...{ cost, requests, tokens: total(tokens), before: before.totals[0] ?? 0n, asOfMs: users.asOfMs },
    ...{ users: users.rows, models: models.rows.filter(hasSpent) },
    sessions: await largestSessions(ledger, { fromMs, where, limit }),
  };
}

/** Prompts and tools have no model. */
const hasSpent = ({ values }: Row): boolean => values.some((value) => value !== 0n);

/** What stands for the others comes last. */
const othersLast = (rows: readonly Row[]): readonly Row[] =>
  [...inReadingOrder(rows)].sort((a, b) => Number(a.groups !== undefined) - Number(b.groups !== undefined));

const names = <Name extends DimensionName>(by: readonly Name[], { key, groups }: Row): Record<Name, string> =>
  Object.fromEntries(by.map((name, index) => [name, groups === undefined ? showValue(name, key[index] ?? '') : (key[index] ?? '')])) as Record<
    Name,
    string
  >;

const renderSession = ({ session, cost }: SpendingSession, whole: PicoUsd): z.infer<typeof sessionSchema> => ({
  session_id: shownSessionId(session.sessionId),
  full_id: fullSessionId(session.sessionId),
  user: showValue('user', session.user),
  team: showValue('team', session.team),
  workspace: showValue('workspace', session.workspace),
  ...{ cost_usd: formatUsd(cost), share: shareOf(cost, whole), session_cost_usd: formatUsd(session.cost) },
  ...{ first_seen: renderInstant(session.firstSeenMs), last_seen: renderInstant(session.lastSeenMs) },
});

const shareOf = (part: bigint, whole: bigint): number => shareOrNull(part, whole) ?? 0;
