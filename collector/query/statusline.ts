/**
 * GET /api/v1/me/statusline: the two figures that a status line shows of the collector, what a user spent today and what is left of the
 * budget with the least left. Asked by every client every half minute; durations stand in the place of instants, since clocks differ.
 */
import { z } from 'zod';
import type { BudgetStatus } from '../budgets/status.ts';
import { showValue } from '../catalog/values.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import { formatUsd } from '../core/money.ts';
import { periodAround } from '../core/time-range.ts';
import { type AnswerOf, ageSchema, amountSchema, usdSchema } from './answer-schemas.ts';
import { type AskedUser, askedUser } from './asked-user.ts';
import { guardedSession } from './guard-place.ts';
import { budgetsBinding, type Me } from './my-budget.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf, renderExact } from './render.ts';
import { wholeLedger } from './scoped-reader.ts';

const endsIn = z.number().int().nonnegative().describe('Seconds from this answer on.');

const answerSchema = z
  .object({
    user: z.string().nullable().describe('Null where only a session is known, and the ledger has no record of it yet.'),
    team: z.string().nullable(),
    today_usd: usdSchema.nullable().describe("Spent on this day of the ledger's time zone; null while the ledger has no record of the user."),
    today_ends_in: endsIn,
    budget: z
      .object({
        key: z.string(),
        shared: z.boolean().describe('With others, or an amount of the user alone.'),
        unit: z.enum(['usd', 'tokens']),
        limit: amountSchema,
        spent: amountSchema,
        remaining: amountSchema.describe('Negative when overspent.'),
        used_ratio: z.number().nullable().describe('Null: spent of an amount of nothing.'),
        stopped: z.boolean().describe('Is work refused, because the amount is used up?'),
        ends_in: endsIn,
      })
      .nullable()
      .describe('Of those that bind the user, the one that stops work, else the one of which the largest part is used; null where there is none.'),
    evaluated_seconds_ago: z.number().int().nonnegative().describe('Since the spend of budgets was read.'),
    ...ageSchema,
  })
  .meta({ id: 'Statusline' });
export type StatuslineAnswer = AnswerOf<typeof answerSchema>;

interface Asked {
  readonly user: string | undefined;
  readonly session: string | undefined;
}

export const STATUSLINE = question<Asked, StatuslineAnswer>({
  id: 'statusline',
  path: '/me/statusline',
  isOfPrimary: true,
  summary: 'What a user spent today, and the budget with the least left. For the status line of a client.',
  access: 'own',
  parameters: {
    user: {
      schema: z
        .string()
        .describe('The user. Without it: the user of the token, else of the session.')
        .meta({ examples: ['ada@example.com'] }),
    },
    session: {
      schema: z
        .string()
        .describe(
          'Id of a session of the user, for a token that has none. One that has no record yet, or was not sent with such a token, is of nobody.',
        )
        .meta({ examples: ['6fd5a1f0-8a7c-4d36-9c5e-2f0a3b1c4d5e'] }),
    },
  },
  answer: answerSchema,
  parse: ({ parameters }) => ({ user: parameters.get('user') ?? undefined, session: parameters.get('session') ?? undefined }),
  ask: async (asked, asking) => {
    const who = await whoIs(asked, asking);
    return who === undefined ? nobody(asking) : statusline(who, asking);
  },
});

/** One token for all is what managed settings can have: then the session says who it is, as it does for the guard. */
async function whoIs({ user, session }: Asked, asking: Asking): Promise<AskedUser | undefined> {
  const { credentials, mayRead } = asking.asker;
  if (user !== undefined || credentials.user !== undefined || session === undefined) return askedUser(user, asking);
  const found = await guardedSession(session, { user: undefined, isOwn: !mayRead }, asking);
  if (found === undefined || found.user === '') return undefined;
  return { user: found.user, team: found.team || undefined, isNamed: true, isOwn: !mayRead, mayHearNames: false };
}

async function nobody({ reader, config, now }: Asking): Promise<StatuslineAnswer> {
  const nowMs = now();
  const { toMs } = periodAround('day', nowMs, ledgerCalendar(config));
  return {
    ...{ user: null, team: null, today_usd: null, today_ends_in: secondsBetween(nowMs, toMs), budget: null, evaluated_seconds_ago: 0 },
    ...freshnessOf((await reader.status()).asOfMs, nowMs),
  };
}

const secondsBetween = (fromMs: number, toMs: number): number => Math.max(0, Math.floor((toMs - fromMs) / 1000));

async function statusline(asked: AskedUser, asking: Asking): Promise<StatuslineAnswer> {
  const { person, statuses, asOfMs, readMs } = await budgetsBinding(asked, asking);
  const nowMs = asking.now();
  const today = periodAround('day', nowMs, ledgerCalendar(asking.config));
  const [first] = statuses.toSorted(tightestFirst);
  return {
    user: showValue('user', person.user),
    team: person.team === undefined ? null : showValue('team', person.team),
    today_usd: person.isSeen ? formatUsd(await spentIn(today, person, asked, asking)) : null,
    today_ends_in: secondsBetween(nowMs, today.toMs),
    budget: first === undefined ? null : { ...renderBudget(first), ends_in: secondsBetween(nowMs, first.periodEndMs) },
    evaluated_seconds_ago: Math.max(0, Math.round((nowMs - readMs) / 1000)),
    ...freshnessOf(asOfMs, nowMs),
  };
}

/** What is one's own is seen whatever the scope is. */
async function spentIn({ fromMs, toMs }: ReturnType<typeof periodAround>, { user }: Me, { isOwn }: AskedUser, asking: Asking): Promise<bigint> {
  const reader = isOwn ? wholeLedger(asking.reader) : asking.reader;
  const where = [{ dimension: 'user', values: [user] }] as const;
  const { timeZone } = ledgerCalendar(asking.config);
  const { totals } = await reader.query({ measures: ['cost'], by: [], grain: 'total', timeZone, where, fromMs, toMs, rowsMax: 1 });
  return totals[0] ?? 0n;
}

/** Then the one with less left for the rest of its period, then by name. Infinity less Infinity is no order, so amounts of nothing are equal. */
const tightestFirst = (a: BudgetStatus, b: BudgetStatus): number =>
  Number(b.stopped) - Number(a.stopped) || compare(b.usedRatio, a.usedRatio) || compare(b.periodEndMs, a.periodEndMs) || (a.key < b.key ? -1 : 1);
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);

function renderBudget({
  key,
  where,
  unit,
  limit,
  spent,
  remaining,
  usedRatio,
  stopped,
}: BudgetStatus): Omit<NonNullable<StatuslineAnswer['budget']>, 'ends_in'> {
  return {
    ...{ key, unit, stopped, shared: !where.some(({ dimension }) => dimension === 'user') },
    ...{ limit: renderExact(unit, limit), spent: renderExact(unit, spent), remaining: renderExact(unit, remaining) },
    used_ratio: Number.isFinite(usedRatio) ? usedRatio : null,
  };
}
