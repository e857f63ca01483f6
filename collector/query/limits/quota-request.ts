/** What AWS asks for when a quota of Amazon Bedrock is to be raised: steady and peak rates, and the size of a request. What only the reader knows is in brackets. */
import type { Filter } from '../../catalog/values.ts';
import type { Measured } from './measured.ts';
import type { Recommendation } from './recommend.ts';
import type { Usage } from './usage.ts';

interface Request {
  readonly users: number;
  readonly recommendation: Recommendation;
  readonly measured: Measured | undefined;
  readonly usage: Pick<Usage, 'days'>;
  readonly where: readonly Filter[];
}

const count = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 0 });

export function quotaRequest(request: Request): string {
  const { users, recommendation, where } = request;
  const { steady } = recommendation;
  const models = where.filter(({ dimension }) => dimension === 'model').flatMap(({ values }) => values);
  return [
    'Service: Amazon Bedrock, on-demand inference',
    `Model: ${models.length === 0 ? '[model id or inference profile]' : models.join(', ')}`,
    'Region: [region, or the regions of the cross-region inference profile]',
    `Quotas: tokens per minute, requests per minute`,
    `Use case: Claude Code, a coding assistant, for ${count(users)} developers. Interactive use in working hours, with prompt caching.`,
    `Steady state: ${count(steady.tokens)} tokens per minute, ${count(steady.requests)} requests per minute`,
    `Peak: ${count(recommendation.tokens)} tokens per minute, ${count(recommendation.requests)} requests per minute`,
    ...sizes(request),
    basis(request),
  ].join('\n');
}

function sizes({ measured }: Request): string[] {
  if (measured?.inputTokens === undefined || measured.outputTokens === undefined || measured.requests === 0)
    return ['Average request: [input tokens], [output tokens]'];
  const each = (tokens: number): string => count(tokens / measured.requests);
  return [`Average request: ${each(measured.inputTokens)} input tokens without cache reads, ${each(measured.outputTokens)} output tokens`];
}

function basis({ recommendation, measured, usage }: Request): string {
  if (recommendation.basis === 'published' || measured === undefined)
    return "Basis: the provider's recommendation for each user by the size of the team; too little has been measured yet.";
  const time = usage.days === 1 ? 'day' : `${usage.days} days`;
  return `Basis: telemetry of the last ${time} (${count(measured.minutes)} minutes with use, ${count(measured.users ?? 0)} users), without cache reads. Steady state is the 95th percentile, peak the 99th with a margin of a quarter, both scaled to the number of developers.`;
}
