/** GET /api/v1/jobs/{repository}/{about}/{value}: what a branch, a pull request or a run of CI cost, for a comment on it. */
import { z } from 'zod';
import { showValue } from '../catalog/values.ts';
import { formatUsd } from '../core/money.ts';
import { nameRepository, repositoryPath } from '../ingest/attribution/repository-name.ts';
import { type AnswerOf, ageSchema, amountSchema, instantSchema, usdSchema } from './answer-schemas.ts';
import { type JobCostFacts, type JobCostRequest, readJobCost, SUBJECTS } from './job-cost-facts.ts';
import { badParameter } from './parameters.ts';
import { type Asking, type Given, type ParameterShapes, question } from './question.ts';
import { freshnessOf, renderExact, renderInstant } from './render.ts';
import { changeRatio, sumIn } from './totals.ts';
import { renderUsage, USAGE_MEASURES, usageFields } from './usage-figures.ts';

const figures = { ...usageFields, sessions: amountSchema };
const rowSchema = z.object({ name: z.string(), ...figures });

const answerSchema = z
  .object({
    repository: z.string(),
    about: z.enum(SUBJECTS),
    value: z.string().describe('Id of the run, name of the branch, or number of the pull request.'),
    usage: z.object(figures).nullable().describe('Of the last 90 days; null while the ledger has no record of it.'),
    models: z.array(rowSchema).describe('The most expensive first; they add up to the usage.'),
    jobs: z.array(rowSchema).describe('The same by job.'),
    compared: z
      .object({
        with: z
          .enum(['runs', 'branches', 'pull_requests'])
          .describe('Runs of the same jobs on the base branch; other branches; other pull requests.'),
        count: z.number().int().positive(),
        median_usd: usdSchema.describe('Of an even number the mean of the middle two.'),
        change_usd: usdSchema,
        change_ratio: z.number().nullable().describe('Relative to the median; null where it is zero or less.'),
      })
      .nullable()
      .describe('With the last 90 days; null where there is nothing to compare with.'),
    budget: z
      .object({
        key: z.string(),
        unit: z.enum(['usd', 'tokens']),
        spent: amountSchema,
        limit: amountSchema,
        remaining: amountSchema.describe('Negative when overspent.'),
        period_end: instantSchema,
        time_zone: z.string(),
        hard_limit: z.boolean(),
        stopped: z.boolean(),
      })
      .nullable()
      .describe('The one that is asked for, else the one of these jobs that is used up most.'),
    board: z.string().nullable().describe('Address of the board about these jobs; null where server.public_url is not set.'),
    ...ageSchema,
  })
  .meta({ id: 'JobCost' });
export type JobCostAnswer = AnswerOf<typeof answerSchema>;

const PATH = {
  repository: {
    schema: z
      .string()
      .describe('The repository, as jobs are called by it, or its address; percent-encoded.')
      .meta({ examples: ['acme/api', 'https://github.com/acme/api'] }),
  },
  about: {
    schema: z
      .enum(SUBJECTS)
      .describe('What it is about.')
      .meta({ examples: ['branch'] }),
  },
  value: {
    schema: z
      .string()
      .describe('Name of the branch, number of the pull or merge request, or id of the run; percent-encoded.')
      .meta({ examples: ['fix/login', '4711'] }),
  },
} satisfies ParameterShapes;

const PARAMETERS = {
  base: { schema: z.string().describe('Branch on which runs are compared with; it is no other branch itself.').meta({ default: 'main' }) },
  budget: {
    schema: z
      .string()
      .describe('Key of the budget to show.')
      .meta({ examples: ['platform'] }),
  },
} satisfies ParameterShapes;

export const JOB_COST = question<JobCostRequest, JobCostAnswer>({
  id: 'job_cost',
  path: '/jobs/{repository}/{about}/{value}',
  pathParameters: PATH,
  summary: 'What a branch, a pull request or a run of CI cost, for a comment on it.',
  description: 'Also with a token that only sends and names a job: about its own repository. See docs/ci.md.',
  access: 'own',
  parameters: PARAMETERS,
  answer: answerSchema,
  parse: parseJobCost,
  ask: async (request, asking) => render(request, await readJobCost(request, asking), asking),
});

function parseJobCost({ path = {}, parameters }: Given): JobCostRequest {
  const { repository: typed = '', value = '' } = path;
  const repository = repositoryPath(nameRepository(typed) ?? '');
  if (repository === '') throw badParameter('repository', typed, 'names no repository', 'Give it as CI calls it, such as acme/api.');
  const about = SUBJECTS.find((name) => name === path.about);
  if (about === undefined) throw badParameter('about', path.about ?? '', 'is nothing that jobs have', `Give one of ${SUBJECTS.join(', ')}.`);
  return { repository, about, value, base: parameters.get('base') || 'main', budget: parameters.get('budget') || undefined };
}

const MEASURES = [...USAGE_MEASURES, 'sessions'] as const;

function render(
  { repository, about, value }: JobCostRequest,
  { seen, models, jobs, past, budget, board, asOfMs }: JobCostFacts,
  { now }: Asking,
): JobCostAnswer {
  const figuresOf = (values: readonly bigint[]) => {
    const sum = sumIn(MEASURES, values);
    return { ...renderUsage(sum), sessions: renderExact('count', sum('sessions')) };
  };
  const cost = seen === undefined ? 0n : sumIn(MEASURES, seen)('cost');
  const named =
    (name: 'model' | 'job') =>
    ([stored, values]: readonly [string, readonly bigint[]]) => ({ name: showValue(name, stored), ...figuresOf(values) });
  return {
    ...{ repository, about, value },
    usage: seen === undefined ? null : figuresOf(seen),
    models: models.map(named('model')),
    jobs: jobs.map(named('job')),
    compared:
      past === undefined || seen === undefined
        ? null
        : {
            with: past.of,
            count: past.count,
            median_usd: formatUsd(past.median),
            change_usd: formatUsd(cost - past.median),
            change_ratio: changeRatio(cost, past.median),
          },
    budget: budget === undefined ? null : renderBudget(budget),
    board: board ?? null,
    ...freshnessOf(asOfMs, now()),
  };
}

function renderBudget(status: NonNullable<JobCostFacts['budget']>): JobCostAnswer['budget'] {
  const { key, unit, periodEndMs, timeZone, hardLimit, stopped } = status;
  const amount = (value: bigint) => renderExact(unit === 'usd' ? 'usd' : 'tokens', value);
  return {
    ...{ key, unit, time_zone: timeZone, period_end: renderInstant(periodEndMs), hard_limit: hardLimit, stopped },
    spent: amount(status.spent),
    limit: amount(status.limit),
    remaining: amount(status.remaining),
  };
}
