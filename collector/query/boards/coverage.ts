/** How far the figures of a board's stretch can be trusted: whose they are, and whether the client's two accounts agree. */
import { figureValue, measuresOf } from '../../catalog/figure-values.ts';
import type { Filter } from '../../catalog/values.ts';
import { formatUsd } from '../../core/money.ts';
import type { Ask } from './board-query.ts';
import { sumsOf } from './ledger-rows.ts';
import { shareOf } from './rows.ts';

export interface Coverage {
  readonly cost_usd: string;
  readonly cost_usd_events: string;
  readonly cost_usd_metrics: string;
  /** Shares of the stretch's booked cost (tokens for unpriced), 0 to 1; null when there is none. */
  readonly unallocated_team: number | null;
  readonly unallocated_user: number | null;
  readonly unpriced: number | null;
}

const MEASURES = measuresOf(['cost', 'cost_events', 'cost_metrics', 'unpriced_share']);

export function coverageOf(ask: Ask): Coverage {
  const { totals } = ask.ledger({ span: ask.span, measures: MEASURES, by: [], grain: 'total' });
  const sums = sumsOf(MEASURES, totals);
  const cost = sums.get('cost') ?? 0n;
  const unpriced = figureValue('unpriced_share', (measure) => sums.get(measure) ?? 0n);
  return {
    cost_usd: formatUsd(cost),
    cost_usd_events: formatUsd(sums.get('cost_events') ?? 0n),
    cost_usd_metrics: formatUsd(sums.get('cost_metrics') ?? 0n),
    unallocated_team: unallocated('team', cost, ask),
    unallocated_user: unallocated('user', cost, ask),
    unpriced: unpriced === null ? null : Number(unpriced),
  };
}

function unallocated(dimension: 'team' | 'user', cost: bigint, ask: Ask): number | null {
  const own = ask.where.find((filter) => filter.dimension === dimension);
  if (own !== undefined && !own.values.includes('')) return shareOf(0n, cost);
  const unknown: Filter = { dimension, values: [''] };
  const [part = 0n] = ask.ledger({ span: ask.span, measures: ['cost'], by: [], grain: 'total', where: [unknown] }).totals;
  return shareOf(part, cost);
}
