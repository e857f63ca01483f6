/** GET /api/v1/budget-requests: who asks for more, for whoever approves. */
import { z } from 'zod';
import type { Budget } from '../budgets/journal.ts';
import { nameOf } from '../budgets/journal.ts';
import { type BudgetRequest, stateOf } from '../budgets/request.ts';
import { whereOf } from '../budgets/scope.ts';
import type { ReadScope } from '../catalog/read-scope.ts';
import type { AnswerOf } from './answer-schemas.ts';
import { readWord } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { renderRequest, requestSchema } from './request-answers.ts';
import { areWithin } from './visible-budgets.ts';

const SHOWN_MAX = 500;
/** Looked through for those that are open and may be seen. */
const READ_MAX = 10_000;

const answerSchema = z
  .object({
    requests: z.array(requestSchema).describe(`The newest first, ${SHOWN_MAX} at most.`),
    more: z.boolean().describe('Are there more?'),
  })
  .meta({ id: 'BudgetRequests' });
export type BudgetRequestsAnswer = AnswerOf<typeof answerSchema>;

const STATES = ['open', 'all'] as const;

export const BUDGET_REQUESTS = question<(typeof STATES)[number], BudgetRequestsAnswer>({
  id: 'budget_requests',
  path: '/budget-requests',
  isOfPrimary: true,
  summary: 'Who asks for more budget, how much and why.',
  parameters: { state: { schema: z.enum(STATES).describe('open, or all: also those that were answered, or expired.').meta({ default: 'open' }) } },
  answer: answerSchema,
  parse: ({ parameters }) => readWord(parameters, 'state', STATES, 'open'),
  ask: async (asked, asking) => {
    const nowMs = asking.now();
    const isSeen = await visibility(asking);
    const limit = asked === 'all' && asking.scope === 'all' ? SHOWN_MAX + 1 : READ_MAX;
    const read = await asking.budgets.requests({ limit });
    const requests = read.filter((request) => (asked === 'all' || stateOf(request, nowMs) === 'open') && isSeen(request));
    return { requests: requests.slice(0, SHOWN_MAX).map((request) => renderRequest(request, nowMs)), more: requests.length > SHOWN_MAX };
  },
});

/** Those for budgets within the scope. Of a budget that is no more it is not known what it counted. */
async function visibility({ scope, budgets, config }: Pick<Asking, 'scope' | 'budgets' | 'config'>): Promise<(request: BudgetRequest) => boolean> {
  if (scope === 'all') return () => true;
  const byName = new Map((await budgets.budgets(config.budgets)).map((budget) => [budget.name, budget]));
  return ({ key }) => isWithin(key, byName.get(nameOf(key)), scope);
}

export const isWithin = (key: string, budget: Budget | undefined, scope: ReadScope): boolean =>
  scope === 'all' || (budget !== undefined && areWithin(whereOf(key, budget), scope));
