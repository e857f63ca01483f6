/** GET /api/v1/limits/plan: the rate limits that so many users need, beside what was measured and what is configured. */
import { z } from 'zod';
import type { Filter } from '../catalog/values.ts';
import { knownFilters } from './known-values.ts';
import { type LimitsPlanAnswer, planSchema } from './limits/answer.ts';
import { readWeeks } from './limits/growth.ts';
import { headroomOf } from './limits/headroom.ts';
import { measure } from './limits/measured.ts';
import { quotaRequest } from './limits/quota-request.ts';
import { recommend } from './limits/recommend.ts';
import { measuredReason, perMinuteOf, renderGrowth, renderHeadroom, renderMeasured, renderPublished, renderTraining } from './limits/render.ts';
import { readUsage } from './limits/usage.ts';
import { type Parameters, readCount, readWhere, WHERE_SHAPE } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf } from './render.ts';

export type { LimitsPlanAnswer } from './limits/answer.ts';

const USERS_MAX = 1_000_000;
const users = z.number().int().min(1).max(USERS_MAX);

interface PlanRequest {
  readonly users: number | undefined;
  readonly training: number | undefined;
  readonly where: readonly Filter[];
}

export const LIMITS_PLAN = question<PlanRequest, LimitsPlanAnswer>({
  id: 'limits_plan',
  path: '/limits/plan',
  summary: 'Rate limits for so many users: recommended, measured, and configured.',
  description:
    'Tokens are without cache reads, which do not count against rate limits. Measured in the last seven days; limits hold for the whole organization, whatever the filters.',
  parameters: {
    users: { schema: users.describe('Users to plan for. Without it: those who were active in the last seven days.').meta({ examples: [200] }) },
    training: { schema: users.describe('Users of a live training session, all active at once.').meta({ examples: [40] }) },
    where: WHERE_SHAPE,
  },
  answer: planSchema,
  parse: ({ parameters }) => ({
    users: readUsers(parameters, 'users'),
    training: readUsers(parameters, 'training'),
    where: readWhere(parameters),
  }),
  ask: answerPlan,
});

const readUsers = (parameters: Parameters, key: string): number | undefined =>
  parameters.has(key) ? readCount(parameters, key, 1, USERS_MAX) : undefined;

async function answerPlan(asked: PlanRequest, { reader, config, now }: Asking): Promise<LimitsPlanAnswer> {
  const nowMs = now();
  const calendar = { timeZone: config.timezone, weekStart: config.week_start };
  const { where, hints } = await knownFilters(asked.where, reader);
  const { usage, weeks, asOfMs } = await reader.snapshot(async (ledger) => ({
    usage: await readUsage(ledger, { nowMs, where }),
    weeks: await readWeeks(ledger, { nowMs, calendar, where }),
    asOfMs: (await ledger.status()).asOfMs,
  }));
  const measured = measure(usage);
  const planned = asked.users ?? measured?.users ?? 0;
  const recommendation = recommend(planned, measured, usage);
  const headroom = headroomOf(config.rate_limits, measured);
  return {
    users: planned,
    users_from: asked.users === undefined ? 'measured' : 'asked',
    published: renderPublished(planned),
    measured: renderMeasured(measured, usage),
    measured_reason: measuredReason(measured, usage),
    recommendation:
      recommendation === undefined
        ? null
        : {
            ...perMinuteOf(recommendation),
            basis: recommendation.basis,
            steady: perMinuteOf(recommendation.steady),
            words: [...recommendation.words],
          },
    headroom: renderHeadroom(headroom),
    training: renderTraining(asked.training, measured, headroom),
    growth: renderGrowth(weeks, headroom, nowMs),
    quota_request: recommendation === undefined ? null : quotaRequest({ users: planned, recommendation, measured, usage, where }),
    ...freshnessOf(asOfMs, nowMs),
    hints: [...hints],
  };
}
