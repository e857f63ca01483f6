/** Requests for more budget as the API answers them. */
import { z } from 'zod';
import { type BudgetRequest, stateOf } from '../budgets/request.ts';
import { showValue } from '../catalog/values.ts';
import { type AnswerOf, amountSchema, instantSchema } from './answer-schemas.ts';
import { renderExact, renderInstant } from './render.ts';

const STATES = ['open', 'approved', 'denied', 'withdrawn', 'removed', 'expired'] as const;

export const requestSchema = z
  .object({
    id: z.number().int(),
    key: z.string().describe('The budget: a name, or name/member for one member of a budget per member.'),
    unit: z.enum(['usd', 'tokens']),
    amount: amountSchema.describe('How much more is asked for.'),
    until: instantSchema.describe('When the raise is to end.'),
    why: z.string(),
    user: z.string().describe('Who asks; a pseudonym where the ledger has pseudonyms.'),
    who: z
      .string()
      .describe('What proved it: name of the token, cli:<user of the system>, local, or link:guard for the signed link in a sentence of the guard.'),
    at: instantSchema,
    expires: instantSchema.describe('From then on it can be approved no more.'),
    state: z.enum(STATES).describe('removed: the budget was removed, and its requests with it.'),
    decision: z
      .object({
        who: z.string().describe('Name of the token, cli:<user of the system>, local, or link:<channel> for a signed link that was sent there.'),
        at: instantSchema,
        why: z.string().nullable().describe('Of a denial.'),
        amount: amountSchema.nullable().describe('Of an approval: by how much the budget was raised.'),
      })
      .nullable()
      .describe('Null while there is none.'),
  })
  .meta({ id: 'BudgetRequest' });
export type RequestAnswer = AnswerOf<typeof requestSchema>;

export function renderRequest(request: BudgetRequest, nowMs: number): RequestAnswer {
  const { id, key, unit, amount, why, user, who, decision } = request;
  return {
    ...{ id, key, unit, amount: renderExact(unit, amount), until: renderInstant(request.untilMs), why },
    ...{ user: showValue('user', user), who, at: renderInstant(request.atMs), expires: renderInstant(request.expiresMs) },
    state: stateOf(request, nowMs),
    decision: decision === undefined ? null : renderDecision(decision, unit),
  };
}

const renderDecision = (
  { who, atMs, why, amount }: NonNullable<BudgetRequest['decision']>,
  unit: BudgetRequest['unit'],
): RequestAnswer['decision'] => ({
  ...{ who, at: renderInstant(atMs), why: why ?? null },
  amount: amount === undefined ? null : renderExact(unit, amount),
});
