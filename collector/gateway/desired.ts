/** The limits that a gateway should have, from the budgets here. Of several budgets for the same limit the smallest amount holds, as it does here. */
import type { Budget } from '../budgets/journal.ts';
import type { GatewayConfig } from '../config/gateway.ts';
import { formatUsd, type PicoUsd, parseUsd } from '../core/money.ts';
import { isWholeCents, type LimitScope, limitKey, type SpendLimit, wholeCents } from './limits.ts';
import { type Remark, type Target, type TargetContext, targetsOf } from './targets.ts';

export interface WantedLimit extends SpendLimit {
  /** Keys of the budgets that it is made of. */
  readonly budgets: readonly string[];
}

export type { Remark };

export interface Desired {
  readonly limits: readonly WantedLimit[];
  /** What is not pushed, or only in part or rounded, and why. */
  readonly remarks: readonly Remark[];
}

export function desiredLimits(budgets: readonly Budget[], context: TargetContext): Desired {
  const found = budgets.map((budget) => targetsOf(budget, context));
  const { kept, dropped } = strictest(found.flatMap(({ targets }) => targets));
  const limits = limitsOf(kept, context.gateway);
  return {
    limits: limits.toSorted((one, other) => (limitKey(one) < limitKey(other) ? -1 : 1)),
    remarks: [...found.flatMap(({ remarks }) => remarks), ...dropped, ...rounded(kept), ...overruling(limits)],
  };
}

/** The gateway has one limit for a scope and period. */
function strictest(targets: readonly Target[]): { readonly kept: readonly Target[]; readonly dropped: readonly Remark[] } {
  const byPlace = Map.groupBy(targets, ({ kind, of, period }) => JSON.stringify([kind, of, period]));
  const kept: Target[] = [];
  const dropped: Remark[] = [];
  for (const same of byPlace.values()) {
    const [first, ...others] = same.toSorted((one, other) => (one.amount < other.amount ? -1 : one.amount > other.amount ? 1 : 0));
    if (first === undefined) continue;
    kept.push(first);
    for (const { budget } of others)
      dropped.push({ budget, reason: `the budget ${first.budget} is for the same and not larger; the gateway has one limit for both` });
  }
  return { kept, dropped };
}

const rounded = (targets: readonly Target[]): Remark[] =>
  targets
    .filter(({ amount }) => !isWholeCents(amount))
    .map(({ budget, amount }) => ({ budget, reason: `its amount of ${formatUsd(amount)} USD is rounded down to whole cents` }));

/** Here every budget holds. At a gateway the limit of a user goes before what members of a group have, also where that is less. */
function overruling(limits: readonly WantedLimit[]): Remark[] {
  const groups = limits.filter(({ scope }) => scope.type === 'rbac_group');
  return limits
    .filter(({ scope }) => scope.type === 'user')
    .flatMap(({ period, cents, budgets }) => {
      const smaller = groups.filter((group) => group.period === period && group.cents !== null && cents !== null && group.cents < cents);
      const names = smaller.map(({ scope }) => scope.id).join(', ');
      return smaller.length === 0
        ? []
        : [{ budget: budgets.join(), reason: `it goes before the smaller amount of each member of ${names}, if the user is one` }];
    });
}

function limitsOf(targets: readonly Target[], gateway: GatewayConfig): WantedLimit[] {
  const users = targets
    .filter(({ kind }) => kind === 'user')
    .map((target) => wanted({ type: 'user', id: gateway.users[target.of] ?? '' }, target.period, [target], target.amount, undefined));
  const ofGroups = Map.groupBy(
    targets.filter(({ kind }) => kind !== 'user'),
    ({ of, period }) => JSON.stringify([of, period]),
  );
  const groups = [...ofGroups.values()].flatMap((together): WantedLimit[] => {
    const pool = together.find(({ kind }) => kind === 'pool');
    const member = together.find(({ kind }) => kind === 'member');
    const one = pool ?? member;
    if (one === undefined) return [];
    const each = member?.amount ?? amountOfEach(gateway) ?? one.amount;
    return [wanted({ type: 'rbac_group', id: gateway.groups[one.of] ?? '' }, one.period, together, each, pool?.amount)];
  });
  return [...groups, ...users];
}

const amountOfEach = ({ per_member_usd }: GatewayConfig): PicoUsd | undefined =>
  per_member_usd === undefined ? undefined : parseUsd(per_member_usd);

const wanted = (scope: LimitScope, period: string, targets: readonly Target[], amount: PicoUsd, pool: PicoUsd | undefined): WantedLimit => ({
  ...{ scope, period, cents: wholeCents(amount) },
  pool: pool === undefined ? undefined : { cents: wholeCents(pool), isPaused: false },
  budgets: targets.map(({ budget }) => budget),
});
