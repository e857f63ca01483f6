/** Statuses of budgets with a hard limit, as evaluation makes them. */
import type { BudgetStatus } from '../../collector/budgets/status.ts';
import { NOON, usd } from '../support/entries.ts';

type Given = Partial<BudgetStatus> & { readonly spent: bigint; readonly limit: bigint };

export function hardLimit({ spent, limit, ...rest }: Given): BudgetStatus {
  const usedRatio = limit === 0n ? 0 : Number((spent * 1_000_000_000n) / limit) / 1e9;
  return {
    ...{ key: 'each/ada@example.com', name: 'each', scope: 'user=ada@example.com' },
    where: [{ dimension: 'user', values: ['ada@example.com'] }],
    ...{ period: 'day', periodStartMs: NOON - 13 * 3_600_000, periodEndMs: NOON + 11 * 3_600_000, timeZone: 'Europe/Berlin', unit: 'usd' },
    ...{ limit, base: limit, rolledOver: 0n, raised: 0n, raiseEndedMs: undefined, spent, remaining: limit - spent, usedRatio },
    thresholds: [
      { at: 0.5, on: 'actual', severity: 'info', reached: usedRatio >= 0.5 },
      { at: 0.8, on: 'actual', severity: 'warning', reached: usedRatio >= 0.8 },
      { at: 1, on: 'actual', severity: 'critical', reached: usedRatio >= 1 },
      { at: 1, on: 'forecast', severity: 'warning', reached: false },
    ],
    ...{ forecast: { kind: 'none', reason: 'It was not requested.' }, hardLimit: true, stopped: spent >= limit, sessionWarning: undefined },
    ...{ team: '', parent: undefined, asOfMs: NOON, active: true, measures: ['cost'], previous: undefined, allocation: undefined },
    ...rest,
  };
}

export const ofDay = (spent: string, limit = '20'): BudgetStatus => hardLimit({ spent: usd(spent), limit: usd(limit) });

export const ofTeam = (spent: string, limit = '1000'): BudgetStatus =>
  hardLimit({
    ...{ spent: usd(spent), limit: usd(limit), key: 'platform', name: 'platform', scope: 'team=platform', period: 'month' },
    ...{ where: [{ dimension: 'team', values: ['platform'] }], timeZone: 'UTC', periodEndMs: Date.parse('2026-12-01T00:00:00Z'), team: 'platform' },
  });

export const ofRollingDays = (spent: string): BudgetStatus => ({
  ...ofTeam(spent),
  ...{ period: 'rolling 30 days', periodStartMs: Date.parse('2026-10-22T00:00:00Z'), periodEndMs: Date.parse('2026-11-21T00:00:00Z') },
});

export const ofTokens = (spent: bigint, limit: bigint): BudgetStatus =>
  hardLimit({
    ...{
      spent,
      limit,
      key: 'tokens',
      name: 'tokens',
      scope: 'repository=acme/api',
      period: 'week',
      unit: 'tokens',
      measures: ['input_tokens', 'output_tokens'],
    },
    ...{ where: [{ dimension: 'repository', values: ['acme/api'] }], timeZone: 'UTC', periodEndMs: Date.parse('2026-11-23T00:00:00Z') },
  });
