/** The section `budget_requests` of the configuration: how long requests for more stay open, and how many there may be. */
import { z } from 'zod';

const count = z.number().int().min(1);

export const budgetRequestsSchema = z.strictObject({
  expire_days: count.max(90).default(3).describe('Days after which a request can be approved no more.'),
  per_user_per_day: count.max(100).default(10).describe('Requests that one user may make within 24 hours; of one budget, one at a time.'),
  per_day: count.max(100_000).default(1_000).describe('The same of all users together.'),
});

export type BudgetRequestsConfig = z.output<typeof budgetRequestsSchema>;
