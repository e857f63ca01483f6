/**
 * GET /api/v1/me/guard: may a session go on? Asked by hooks before every prompt and between tool calls, so it is answered from spend that
 * is kept ready and one look into an index. What decides is in ../guard/; docs/guard.md has it for operators.
 */
import { z } from 'zod';
import { evaluateBudgets } from '../budgets/evaluate.ts';
import { GUARDED_DIMENSIONS } from '../budgets/hard-limit.ts';
import type { Budget } from '../budgets/journal.ts';
import { isAskedFor, scopeFilters } from '../budgets/scope.ts';
import type { BudgetStatus } from '../budgets/status.ts';
import { linkBases } from '../catalog/alert-links.ts';
import { type Filter, showValue } from '../catalog/values.ts';
import { formatUsd, fromWire, type PicoUsd } from '../core/money.ts';
import { type Cause, decide } from '../guard/decide.ts';
import { freshForSeconds } from '../guard/fresh.ts';
import { hookOutput, hookSchema } from '../guard/hook.ts';
import { teamGuard } from '../guard/limits.ts';
import { moreLinkEnd, moreUrl } from '../guard/more-link.ts';
import { RecentSpend } from '../guard/recent-spend.ts';
import { SENTENCE_MAX, sentenceOf } from '../guard/sentences.ts';
import type { SessionSummary } from '../ledger/sessions.ts';
import { type AnswerOf, ageSchema, amountSchema, instantSchema, usdSchema } from './answer-schemas.ts';
import { type GuardAsker, guardAsker, guardedSession, type Place, placeOf } from './guard-place.ts';
import { badParameter, readWord } from './parameters.ts';
import { type Asking, type ParameterShapes, question } from './question.ts';
import { readyBudgets, type Subject } from './ready-budgets.ts';
import { freshnessOf, renderExact, renderInstant } from './render.ts';
import { ledgerIdentity, wholeLedger } from './scoped-reader.ts';
import { areWithin } from './visible-budgets.ts';

const answerSchema = z
  .object({
    decision: z.enum(['allow', 'warn', 'stop']),
    reason: z
      .enum(['budget', 'threshold', 'runaway', 'session_cost', 'cold_cache'])
      .nullable()
      .describe(
        'What decides: a hard limit that is used up, a threshold of one, a runaway session, the limit of one session, a cache to be rebuilt.',
      ),
    message: z
      .string()
      .nullable()
      .describe(
        `For the user, on one line of less than ${SENTENCE_MAX} characters. A warning has the same text until there is something new to say.`,
      ),
    user: z.string().nullable().describe('Of the session, else of the token; null where neither is known.'),
    team: z.string().nullable(),
    workspace: z.string().nullable(),
    session_cost_usd: usdSchema.nullable().describe('Booked, subagents included; null while the ledger has no record of the session.'),
    budget: z
      .object({
        key: z.string(),
        unit: z.enum(['usd', 'tokens']),
        spent: amountSchema,
        limit: amountSchema,
        period_end: instantSchema,
        time_zone: z.string(),
      })
      .nullable()
      .describe('The one that decides; null where none does.'),
    ...ageSchema,
    evaluated_at: instantSchema.describe('When the spend was read.'),
    fresh_for_seconds: z.number().int().positive().describe('So long the answer may be used again; also in Cache-Control.'),
  })
  .meta({ id: 'Guard' });
export type GuardAnswer = AnswerOf<typeof answerSchema>;

const FORMATS = ['json', 'hook'] as const;

const PARAMETERS = {
  session: {
    schema: z
      .string()
      .describe('Id of the session, as the client calls it. One that has no record yet, or is not yours, is decided by the token alone.')
      .meta({ examples: ['6fd5a1f0-8a7c-4d36-9c5e-2f0a3b1c4d5e'] }),
  },
  event: {
    schema: z
      .string()
      .describe('Name of the hook event: it decides what format=hook says, and whether a cold cache is about to be rebuilt.')
      .meta({ examples: ['UserPromptSubmit', 'PostToolBatch', 'PreModelSwitch'] }),
  },
  user: {
    schema: z
      .string()
      .describe('The user. Without it: the user of the token, else of the session.')
      .meta({ examples: ['ada@example.com'] }),
  },
  estimate_usd: {
    schema: z
      .string()
      .describe('What the client says that the cache costs that it is about to write (estimated_cache_write_usd of SessionStart and PreModelSwitch).')
      .meta({ examples: ['0.0809'] }),
  },
  format: { schema: z.enum(FORMATS).describe('hook: exactly what a hook command prints, on one line.').meta({ default: 'json' }) },
} satisfies ParameterShapes;

interface GuardRequest {
  readonly session: string;
  readonly event: string;
  readonly user: string | undefined;
  readonly estimate: PicoUsd | undefined;
  readonly format: (typeof FORMATS)[number];
}

export const GUARD = question<GuardRequest, GuardAnswer>({
  id: 'guard',
  path: '/me/guard',
  isOfPrimary: true,
  summary: 'May a session go on, within the hard limits of its user, team and workspace? For hooks.',
  description:
    'Also with a token that only sends: about its own user, and about sessions that it sent. `Cache-Control` says how long the answer may be used again. See docs/guard.md.',
  access: 'own',
  parameters: PARAMETERS,
  answer: answerSchema,
  parse: ({ parameters }) => ({
    session: parameters.get('session') ?? '',
    event: readEvent(parameters.get('event') ?? ''),
    user: parameters.get('user') ?? undefined,
    estimate: readEstimate(parameters.get('estimate_usd')),
    format: readWord(parameters, 'format', FORMATS, 'json'),
  }),
  ask: guarded,
  kept: {
    schema: hookSchema,
    of: ({ format, event }, answer) => ({
      seconds: answer.fresh_for_seconds,
      body: format === 'hook' ? hookOutput(answer.decision, answer.message, event) : answer,
    }),
  },
});

function readEvent(text: string): string {
  if (/^[A-Za-z]{0,64}$/.test(text)) return text;
  throw badParameter('event', text, 'is not the name of a hook event', 'Give hook_event_name as the client does, such as UserPromptSubmit.');
}

function readEstimate(text: string | null): PicoUsd | undefined {
  if (text === null || text === '') return undefined;
  const estimate = fromWire(text);
  if (estimate !== undefined) return estimate;
  throw badParameter('estimate_usd', text, 'is not an amount in USD', 'Give estimated_cache_write_usd as the client does, such as 0.0809.');
}

async function guarded({ session: sessionId, event, user, estimate }: GuardRequest, asking: Asking): Promise<GuardAnswer> {
  const asker = await guardAsker(user, asking);
  const session = await guardedSession(sessionId, asker, asking);
  const { place, budgets, asOfMs, readMs } = await limitsOf(session, asker, asking);
  const nowMs = asking.now();
  const shown = (dimension: 'user' | 'team' | 'workspace'): string | undefined => {
    const value = place.dimensions[dimension];
    return value === undefined ? undefined : showValue(dimension, value);
  };
  const { limits, contact } = teamGuard(asking.config, shown('team'));
  const recent =
    session && recentOf(asking).spent({ ...session, sessionId: `${session.sessionId}\n${asker.user?.user ?? ''}` }, limits.runawayMinutes, nowMs);
  const facts = { event, budgets, cost: session?.cost, recent, limits, estimate };
  const verdict = decide(facts);
  const [first] = verdict.causes;
  const { publicUrl } = linkBases(asking.config);
  return {
    decision: verdict.decision,
    reason: first?.kind ?? null,
    message: sentenceOf(verdict, {
      ...{ nowMs, asOfMs, contact },
      timeZone: asking.config.timezone,
      budgetsUrl: publicUrl === '' ? undefined : `${publicUrl}/boards/budgets`,
      moreUrl: (status) => moreUrlOf(status, { place, asker, publicUrl, nowMs }, asking),
    }),
    user: shown('user') ?? null,
    team: shown('team') ?? null,
    workspace: shown('workspace') ?? null,
    session_cost_usd: session === undefined ? null : formatUsd(session.cost),
    budget: renderBudget(verdict.causes),
    ...freshnessOf(asOfMs, nowMs),
    evaluated_at: renderInstant(readMs),
    fresh_for_seconds: freshForSeconds(verdict.decision, facts),
  };
}

interface MoreAsked {
  readonly place: Place;
  readonly asker: GuardAsker;
  readonly publicUrl: string;
  readonly nowMs: number;
}

/** For whoever could make the request with the token itself: the user that it names, of a budget that binds this user. */
function moreUrlOf(status: BudgetStatus, { place, asker, publicUrl, nowMs }: MoreAsked, asking: Asking): string | undefined {
  const { name, signedInUntilMs } = asking.asker.credentials;
  const { user } = place.dimensions;
  if (publicUrl === '' || asking.requestKey === undefined || user === undefined) return undefined;
  if (asker.user?.isOwn !== true || name === undefined || signedInUntilMs !== undefined) return undefined;
  // The page finds the budget again by the user alone.
  const isFound = place.isSeen || status.where.every(({ dimension }) => dimension === 'user');
  if (!isFound || !isAskedFor(status.where)) return undefined;
  return moreUrl({ key: status.key, user, untilMs: moreLinkEnd(status, nowMs) }, asking.requestKey, publicUrl);
}

interface Limits {
  readonly place: Place;
  readonly budgets: readonly BudgetStatus[];
  readonly asOfMs: number | undefined;
  readonly readMs: number;
}

/** Hard limits that hold there. Where there are none at all, nobody's budgets are looked for. */
async function limitsOf(session: SessionSummary | undefined, asker: GuardAsker, asking: Asking): Promise<Limits> {
  const ledger = wholeLedger(asking.reader);
  const inForce = asking.watch?.current()?.budgets ?? (await asking.budgets.budgets(asking.config.budgets));
  if (hardOf(inForce).all.length === 0) {
    return { place: placeOf(session, asker, asking, new Map()), budgets: [], asOfMs: (await ledger.status()).asOfMs, readMs: asking.now() };
  }
  const subject: Subject<Place> = {
    find: (people) => placeOf(session, asker, asking, people),
    isSeen: ({ isSeen }) => isSeen,
    dimensions: ({ dimensions }) => ({ ...NOWHERE, ...dimensions }),
    concerning: (place, budgets) => {
      const { ofUsers, others } = hardOf(budgets);
      return [...(ofUsers.get(place.dimensions.user ?? '') ?? []), ...others].filter((budget) => holdsIn(place, scopeOf(budget)));
    },
  };
  const { who: place, budgets, evaluation, asOfMs, readMs } = await readyBudgets(subject, { ...asking, reader: ledger });
  const statuses = budgets.length === 0 ? [] : await evaluateBudgets(budgets, evaluation);
  const holding = statuses.filter(
    ({ active, hardLimit, where }) => active && hardLimit && holdsIn(place, where) && (asker.isOwn || areWithin(where, asking.scope)),
  );
  const isOwn = ({ where }: BudgetStatus): boolean => where.some(({ dimension }) => dimension === 'user');
  return { place, budgets: [...holding.filter(isOwn), ...holding.filter((status) => !isOwn(status))], asOfMs, readMs };
}

/** What is not known is no member of anything: budgets for each user are not evaluated for all of them. */
const NOWHERE = Object.fromEntries(GUARDED_DIMENSIONS.map((name) => [name, '']));

const scopes = new WeakMap<Budget, readonly Filter[]>();
const scopeOf = (budget: Budget): readonly Filter[] => scopes.getOrInsertComputed(budget, () => scopeFilters(budget.scope));

interface HardLimits {
  readonly all: readonly Budget[];
  /** By each user that a scope names: an organization may have a budget for everybody. */
  readonly ofUsers: ReadonlyMap<string, readonly Budget[]>;
  /** Of scopes that name none. */
  readonly others: readonly Budget[];
}

const hard = new WeakMap<readonly Budget[], HardLimits>();
const hardOf = (budgets: readonly Budget[]): HardLimits =>
  hard.getOrInsertComputed(budgets, () => {
    const all = budgets.filter(({ hard_limit }) => hard_limit === true);
    const named = (budget: Budget): readonly string[] => scopeOf(budget).find(({ dimension }) => dimension === 'user')?.values ?? [];
    const ofUsers = new Map<string, Budget[]>();
    for (const budget of all) for (const user of named(budget)) ofUsers.getOrInsertComputed(user, () => []).push(budget);
    return { all, ofUsers, others: all.filter((budget) => named(budget).length === 0) };
  });

/** Is everything that is asked for known of the session, and true? A model or a tool is not: a session has several. */
const holdsIn = ({ dimensions }: Place, where: readonly Filter[]): boolean =>
  where.every(({ dimension, values }) => {
    const value = GUARDED_DIMENSIONS.some((name) => name === dimension) ? dimensions[dimension as keyof typeof dimensions] : undefined;
    return value !== undefined && values.includes(value);
  });

/** Of one ledger, whoever asks. */
const recents = new WeakMap<object, RecentSpend>();
const recentOf = ({ reader }: Pick<Asking, 'reader'>): RecentSpend => recents.getOrInsertComputed(ledgerIdentity(reader), () => new RecentSpend());

function renderBudget(causes: readonly Cause[]): GuardAnswer['budget'] {
  const status = causes.flatMap((cause) => ('status' in cause ? cause.status : []))[0];
  if (status === undefined) return null;
  const { key, unit, spent, limit, periodEndMs, timeZone } = status;
  return {
    ...{ key, unit, time_zone: timeZone, period_end: renderInstant(periodEndMs) },
    spent: renderExact(unit === 'usd' ? 'usd' : 'tokens', spent),
    limit: renderExact(unit === 'usd' ? 'usd' : 'tokens', limit),
  };
}
