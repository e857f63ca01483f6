/** How far the figures of a board's time range can be trusted: their owners, and whether the two sources agree. */
import { figureValue, measuresOf } from '../../catalog/figure-values.ts';
import { formatUsd } from '../../core/money.ts';
import type { BoardAnswers } from './board-answers.ts';
import type { BoardQuery, Question } from './board-query.ts';
import { sumsOf } from './ledger-rows.ts';
import { shareOf } from './rows.ts';

export interface Coverage {
  readonly cost_usd: string;
  readonly cost_usd_events: string;
  readonly cost_usd_metrics: string;
  /** Shares of the time range's booked cost (tokens for unpriced), 0 to 1; null when there is none. */
  readonly unallocated_team: number | null;
  readonly unallocated_user: number | null;
  readonly unpriced: number | null;
}

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
