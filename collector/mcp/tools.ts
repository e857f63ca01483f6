/** The questions that a model may ask, each with the words that help it choose. All they take and give comes from the question itself. */
import { ADVICE } from '../query/advice.ts';
import { ANALYZE } from '../query/analyze.ts';
import { API_REQUESTS } from '../query/api-requests.ts';
import { BREAKDOWN } from '../query/breakdown.ts';
import { BUDGET, BUDGETS } from '../query/budgets.ts';
import { CHARGEBACK } from '../query/chargeback.ts';
import { COMPARE } from '../query/compare.ts';
import { DIRECTORY_CHECK } from '../query/directory-check.ts';
import { DIRECTORY_USER } from '../query/directory-users.ts';
import { EXPLAIN } from '../query/explain.ts';
import { FORECAST_ROLLOUT } from '../query/forecast-rollout.ts';
import { LIMITS_PLAN } from '../query/limits-plan.ts';
import { MY_BUDGET } from '../query/my-budget.ts';
import { PLANS } from '../query/plans.ts';
import type { Question } from '../query/question.ts';
import { RECONCILE } from '../query/reconcile.ts';
import { SESSION, SESSIONS } from '../query/session-questions.ts';
import { SESSION_REQUESTS } from '../query/session-requests.ts';
import { SPEND } from '../query/spend.ts';
import { STATUS } from '../query/status.ts';
import { TOP } from '../query/top.ts';
import { TREND } from '../query/trend.ts';

export interface ToolText {
  /** Its id is the name of the tool. */
  readonly question: Question;
  readonly title: string;
  /** When to call it, beyond what the question says of itself. */
  readonly when: string;
}

/** In the order in which a model should think of them. */
export const TOOLS: readonly ToolText[] = [
  {
    question: ANALYZE,
    title: 'What a time cost, and why it changed',
    when: 'Ask this first for "what did … spend, and why": its sentences say it in words. Filter with where, such as ["team:platform"]. A period that still goes on is compared with the same part of the one before.',
  },
  {
    question: EXPLAIN,
    title: 'Why a time or a session was expensive',
    when: 'Use it for causes and advice: findings with evidence, the largest first. They overlap, so what they explain must not be added up. Without a time it is about the last 24 hours.',
  },
  {
    question: ADVICE,
    title: 'What would have saved money',
    when: 'Use it when somebody asks how to spend less: each advice has its evidence, its amount and how that was computed. Name a user, or filter with where. Advice overlaps: the sum is saved_usd of the answer.',
  },
  {
    question: TREND,
    title: 'How a figure changes over time',
    when: 'Use it for courses, weekdays and moving averages. At most 100 points come at once: ask for weeks or months of a long time.',
  },
  {
    question: BREAKDOWN,
    title: 'What spend is made of',
    when: 'Use it to rank users, teams, models, repositories, features or anything else with shares, tokens, cost per request and the change against the period before.',
  },
  {
    question: COMPARE,
    title: 'Models, teams, users or periods side by side',
    when: 'Use it for "is … cheaper than …": of models it also says what the tokens of the time would have cost on each, at list price.',
  },
  {
    question: SPEND,
    title: 'Spend and any other figure',
    when: 'Use it for any total or ranking that the others do not have. Filter with where, such as ["team:platform"]; see the resource ledgerline://catalogue for every measure and dimension.',
  },
  {
    question: TOP,
    title: 'Who and what spends right now',
    when: 'Use it for the last minutes or hours: largest users and sessions, dollars per hour, and budgets that do not last at this rate.',
  },
  {
    question: SESSIONS,
    title: 'Sessions: the newest, most expensive or longest',
    when: 'Use it for the top sessions of a time, a user or a team, with order "cost", and to find one by what it belongs to.',
  },
  {
    question: SESSION,
    title: 'One session',
    when: 'Use it for what a session cost, by model and kind of token, and whether events and metrics agree on it.',
  },
  {
    question: SESSION_REQUESTS,
    title: 'A session request by request',
    when: 'Use it to see why one session was expensive: the context that grows, cache that was written again, errors. Ids of sessions come from sessions, analysis, explain and top.',
  },
  {
    question: BUDGETS,
    title: 'Budgets and what remains of them',
    when: 'Use it when somebody asks how much is left, whether a team keeps within its budget, or when the money runs out.',
  },
  {
    question: BUDGET,
    title: 'One budget in detail',
    when: 'Use it for who used up a budget, how earlier periods went and who raised it. Keys are those of budgets.',
  },
  {
    question: MY_BUDGET,
    title: 'What one user has left before a limit',
    when: 'Use it before work that costs much, and when somebody asks what they may still spend. Without a user it is about the user of the token.',
  },
  {
    question: RECONCILE,
    title: 'Reported, list and billed cost, and why they differ',
    when: 'Use it for "why is the bill not what you show", and for what telemetry is missing by user. Days are in UTC. billed_usd is null where no statement was imported: say so, never estimate it.',
  },
  {
    question: PLANS,
    title: 'Seats of plans: fee, value and usage credits',
    when: 'Use it for whether seats are worth their fee. Value is notional: it is in every total of cost, and the seat is paid for.',
  },
  {
    question: LIMITS_PLAN,
    title: 'Rate limits that so many users need',
    when: 'Use it for tokens and requests per minute: what to ask the provider for, whether configured limits are enough, when growth meets them, and what a training session takes.',
  },
  {
    question: FORECAST_ROLLOUT,
    title: 'A monthly budget for more users, from a pilot',
    when: 'Use it for "what would … users cost": months with a median and a 90th percentile, a recommended budget, and the published averages beside them. Say what its findings say: a small pilot is no basis for a promise.',
  },
  {
    question: API_REQUESTS,
    title: 'What the API counted and no client reported',
    when: 'Use it for "is telemetry complete": requests, tokens and list cost that the provider counted, by workspace and model, with what clients reported of them. Empty unless the API exports its spans here.',
  },
  {
    question: CHARGEBACK,
    title: 'What each team is charged for a month',
    when: 'Use it for a chargeback or showback: own spend, the part of shared costs and the total of each team and cost center.',
  },
  {
    question: DIRECTORY_CHECK,
    title: 'Spend without a team, and why',
    when: 'Use it when a figure is unallocated, and before a chargeback: it has a reason for each part of it and what to do. A remedy is for whoever keeps the directory.',
  },
  {
    question: DIRECTORY_USER,
    title: 'How a user gets its team',
    when: 'Use it for "why is this user in that team", and for which team a user was in on a day.',
  },
  {
    question: STATUS,
    title: 'How fresh and complete the figures are',
    when: 'Use it when figures look old, too low or incomplete: it says who sends, what was refused, and what to do about it.',
  },
];
