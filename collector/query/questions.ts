/**
 * Everything that can be asked, in the order of the documents. Boards are declared above this folder; whoever serves them adds
 * boards/board-questions.ts.
 */
import { ADVICE } from './advice.ts';
import { ALERTS } from './alerts.ts';
import { ANALYZE } from './analyze.ts';
import { API_REQUESTS } from './api-requests.ts';
import { BLOCKS } from './blocks.ts';
import { BREAKDOWN } from './breakdown.ts';
import { BUDGET_REQUESTS } from './budget-requests.ts';
import { BUDGET, BUDGET_AUDIT, BUDGETS } from './budgets.ts';
import { CATALOGUE } from './catalogue.ts';
import { CHARGEBACK } from './chargeback.ts';
import { COMPARE } from './compare.ts';
import { DIRECTORY_CHECK } from './directory-check.ts';
import { DIRECTORY_USER, DIRECTORY_USERS } from './directory-users.ts';
import { EXPLAIN } from './explain.ts';
import { FORECAST_ROLLOUT } from './forecast-rollout.ts';
import { GUARD } from './guard.ts';
import { JOB_COST } from './job-cost.ts';
import { LIMITS_PLAN } from './limits-plan.ts';
import { ME } from './me.ts';
import { MY_BUDGET } from './my-budget.ts';
import { PLANS } from './plans.ts';
import type { Question } from './question.ts';
import { RECONCILE } from './reconcile.ts';
import { SESSION, SESSIONS } from './session-questions.ts';
import { SESSION_REQUESTS } from './session-requests.ts';
import { SPEND } from './spend.ts';
import { STATUS } from './status.ts';
import { STATUSLINE } from './statusline.ts';
import { TOP } from './top.ts';
import { TREND } from './trend.ts';
import { USAGE } from './usage.ts';
import { USAGE_SESSIONS } from './usage-sessions.ts';

export const QUESTIONS: readonly Question[] = [
  SPEND,
  ANALYZE,
  TREND,
  BREAKDOWN,
  COMPARE,
  BUDGETS,
  BUDGET,
  BUDGET_AUDIT,
  BUDGET_REQUESTS,
  ME,
  MY_BUDGET,
  STATUSLINE,
  GUARD,
  JOB_COST,
  ALERTS,
  CATALOGUE,
  STATUS,
  TOP,
  USAGE,
  USAGE_SESSIONS,
  BLOCKS,
  SESSIONS,
  SESSION,
  SESSION_REQUESTS,
  EXPLAIN,
  RECONCILE,
  PLANS,
  LIMITS_PLAN,
  ADVICE,
  FORECAST_ROLLOUT,
  API_REQUESTS,
  CHARGEBACK,
  DIRECTORY_CHECK,
  DIRECTORY_USERS,
  DIRECTORY_USER,
];
