/** How far the figures of a board's time range can be trusted: their owners, and whether the two sources agree. */
import { z } from 'zod';
import { figureValue, measuresOf } from '../../catalog/figure-values.ts';
import { formatUsd } from '../../core/money.ts';
import { type AnswerOf, usdSchema } from '../answer-schemas.ts';
import type { BoardAnswers } from './board-answers.ts';
import type { BoardQuery, Question } from './board-query.ts';
import { sumsOf } from './ledger-rows.ts';
import { shareOf } from './rows.ts';

const share = z.number().nullable();
export const coverageSchema = z
  .object({
    cost_usd: usdSchema,
    cost_usd_events: usdSchema,
    cost_usd_metrics: usdSchema,
    unallocated_team: share.describe('Share of the booked cost of the time range, 0 to 1; null when there is none.'),
    unallocated_user: share,
    unpriced: share.describe('Of the tokens.'),
  })
  .meta({ id: 'Coverage' });
export type Coverage = AnswerOf<typeof coverageSchema>;

const MEASURES = measuresOf(['cost', 'cost_events', 'cost_metrics', 'unpriced_share']);

const everything = ({ timeRange }: BoardQuery): Question => ({ timeRange, measures: MEASURES, by: [], grain: 'total' });

/** Undefined where what the reader chose is somebody's. */
function ownerless(dimension: 'team' | 'user', { timeRange, where }: BoardQuery): Question | undefined {
  const own = where.find((filter) => filter.dimension === dimension);
  if (own !== undefined && !own.values.includes('')) return undefined;
  return { timeRange, measures: ['cost'], by: [], grain: 'total', where: [{ dimension, values: [''] }] };
}

export const coverageQuestions = (asked: BoardQuery): Question[] =>
  [everything(asked), ownerless('team', asked), ownerless('user', asked)].filter((question) => question !== undefined);

export function coverageOf(answers: BoardAnswers): Coverage {
  const { totals } = answers.ledger(everything(answers.asked));
  const sums = sumsOf(MEASURES, totals);
  const cost = sums.get('cost') ?? 0n;
  const unpriced = figureValue('unpriced_share', (measure) => sums.get(measure) ?? 0n);
  return {
    cost_usd: formatUsd(cost),
    cost_usd_events: formatUsd(sums.get('cost_events') ?? 0n),
    cost_usd_metrics: formatUsd(sums.get('cost_metrics') ?? 0n),
    unallocated_team: unallocated('team', cost, answers),
    unallocated_user: unallocated('user', cost, answers),
    unpriced: unpriced === null ? null : Number(unpriced),
  };
}

function unallocated(dimension: 'team' | 'user', cost: bigint, answers: BoardAnswers): number | null {
  const question = ownerless(dimension, answers.asked);
  const [part = 0n] = question === undefined ? [] : answers.ledger(question).totals;
  return shareOf(part, cost);
}
