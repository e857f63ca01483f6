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
import { budgetsBinding, type Me } from './my-budget.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf, renderExact } from './render.ts';
import { wholeLedger } from './scoped-reader.ts';

const endsIn = z.number().int().nonnegative().describe('Seconds from this answer on.');

const answerSchema = z
  .object({
    user: z.string(),
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

export const STATUSLINE = question<string | undefined, StatuslineAnswer>({
  id: 'statusline',
  path: '/me/statusline',
  summary: 'What a user spent today, and the budget with the least left. For the status line of a client.',
  access: 'own',
  parameters: {
    user: {
      schema: z
        .string()
        .describe('The user. Without it: the user of the token.')
        .meta({ examples: ['ada@example.com'] }),
    },
  },
  answer: answerSchema,
  parse: ({ parameters }) => parameters.get('user') ?? undefined,
  ask: async (user, asking) => statusline(await askedUser(user, asking), asking),
});

async function statusline(asked: AskedUser, asking: Asking): Promise<StatuslineAnswer> {
  const { person, statuses, asOfMs, readMs } = await budgetsBinding(asked, asking);
  const nowMs = asking.now();
  const today = periodAround('day', nowMs, ledgerCalendar(asking.config));
  const [first] = statuses.toSorted(tightestFirst);
  const secondsTo = (ms: number): number => Math.max(0, Math.floor((ms - nowMs) / 1000));
  return {
    user: showValue('user', person.user),
    team: person.team === undefined ? null : showValue('team', person.team),
    today_usd: person.isSeen ? formatUsd(await spentIn(today, person, asked, asking)) : null,
    today_ends_in: secondsTo(today.toMs),
    budget: first === undefined ? null : { ...renderBudget(first), ends_in: secondsTo(first.periodEndMs) },
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
