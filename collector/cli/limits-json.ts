/** The plan for a gateway and its history as JSON: amounts are strings of USD, null is no limit. */
import { formatUsd } from '../core/money.ts';
import type { StepOutcome } from '../gateway/apply.ts';
import type { Remark } from '../gateway/desired.ts';
import { picoOfCents, type SpendLimit } from '../gateway/limits.ts';
import type { Plan } from '../gateway/plan.ts';
import type { LimitRecord } from '../gateway/records.ts';

export interface PushDocument {
  readonly gateway: string;
  readonly plan: Plan;
  readonly remarks: readonly Remark[];
  /** Undefined where nothing was to be set: a dry run, a check. */
  readonly outcomes: readonly StepOutcome[] | undefined;
  /** Whether the gateway, asked again, has what was set. Undefined where it was not asked. */
  readonly isVerified: boolean | undefined;
}

export function pushJson({ gateway, plan, remarks, outcomes, isVerified }: PushDocument): object {
  const outcomeOf = new Map((outcomes ?? []).map((outcome) => [outcome.step, outcome]));
  return {
    gateway,
    pooled_conflict_rule: plan.conflictRule ?? null,
    limits: plan.steps.map((step) => {
      const { action, current, wanted, note } = step;
      const limit = wanted ?? current;
      const result = outcomeOf.get(step);
      return {
        ...{ action, scope: scopeJson(limit), period: limit?.period ?? null, budgets: wanted?.budgets ?? [] },
        ...{ before: limitJson(current), after: action === 'remove' ? null : limitJson(wanted ?? current), note: note === '' ? null : note },
        ...{ outcome: result?.outcome ?? null, error: result?.error?.message ?? null },
      };
    }),
    untouched: plan.untouched,
    not_pushed: remarks,
    verified: isVerified ?? null,
  };
}

export const historyJson = (records: readonly LimitRecord[]): object => ({
  records: records.toReversed().map(({ atMs, who, gateway, what, outcome, budgets, before, after, error }) => ({
    ...{
      at: new Date(atMs).toISOString(),
      who,
      gateway,
      what,
      outcome,
      scope: scopeJson(after ?? before),
      period: (after ?? before)?.period ?? null,
    },
    ...{ budgets, before: limitJson(before), after: limitJson(after), error: error ?? null },
  })),
});

const scopeJson = (limit: SpendLimit | undefined): object | null => limit?.scope ?? null;

function limitJson(limit: SpendLimit | undefined): object | null {
  if (limit === undefined) return null;
  const { cents, pool } = limit;
  return {
    amount_usd: usd(cents),
    pool_usd: pool === undefined ? null : usd(pool.cents),
    has_pool: pool !== undefined,
    is_paused: pool?.isPaused ?? false,
  };
}

const usd = (cents: bigint | null): string | null => (cents === null ? null : formatUsd(picoOfCents(cents)));
