/** GET /api/v1/status. */

import type { RequestHandler } from 'express';
import type { BoardContext } from '../query/boards/answer.ts';
import type { BudgetContext } from '../query/budget-context.ts';
import { readParameters } from '../query/parameters.ts';
import { statusOf } from '../query/status.ts';

export const status =
  ({ reader, config, budgets, refusals, now }: BudgetContext & Pick<BoardContext, 'refusals'>): RequestHandler =>
  async (request, response) => {
    readParameters(request.originalUrl, []);
    response.json(await statusOf({ reader, budgets: budgets.budgets(config.budgets), refusals: await refusals(), nowMs: now() }));
  };
