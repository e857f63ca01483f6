/** What one budget would be at a gateway: pools of groups, amounts of members, caps of users; or why it cannot be that. */
import { amountAt } from '../budgets/evaluate.ts';
import { type Budget, raisedBy } from '../budgets/journal.ts';
import { calendarOf } from '../budgets/period.ts';
import { scopeFilters } from '../budgets/scope.ts';
import type { GatewayConfig } from '../config/gateway.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { type PicoUsd, parseUsd } from '../core/money.ts';
import { canonicalZone } from '../core/time-zone.ts';

export interface TargetContext {
  readonly gateway: GatewayConfig;
  /** That of the ledger; a budget may have its own. */
  readonly calendar: CalendarOptions;
  readonly nowMs: number;
}

/** `pool`: what a group shares. `member`: what each member of a group has. `user`: what one user has. */
export interface Target {
  readonly kind: 'pool' | 'member' | 'user';
  /** A team, or a user, as the ledger has it. */
  readonly of: string;
  /** Key of the budget: its name, or "name/member". */
  readonly budget: string;
  readonly period: 'daily' | 'monthly';
  readonly amount: PicoUsd;
}

/** What is not pushed, or only in part, and why. */
export interface Remark {
  readonly budget: string;
  readonly reason: string;
}

export interface Targets {
  readonly targets: readonly Target[];
  readonly remarks: readonly Remark[];
}

const UTC = 'UTC';

export function targetsOf(budget: Budget, context: TargetContext): Targets {
  const against = reasonAgainst(budget, context);
  if (against !== undefined) return refused(budget, against);
  const filters = new Map(scopeFilters(budget.scope).map(({ dimension, values }) => [dimension, values]));
  const other = [...filters.keys()].find((dimension) => dimension !== 'team' && dimension !== 'user');
  if (other !== undefined) return refused(budget, `its scope names a ${other.replaceAll('_', ' ')}; the gateway knows groups and users only`);
  const [teams, users] = [filters.get('team'), filters.get('user')];
  if (teams !== undefined && users !== undefined)
    return refused(budget, 'its scope is users within a team; a limit at the gateway is for one or the other');
  if (budget.per === 'user') return perUser(budget, teams, users, context);
  if (budget.per === 'team' && users === undefined) return pools(budget, teams ?? Object.keys(context.gateway.groups), context);
  if (budget.per !== undefined) return refused(budget, `it is for each ${budget.per.replaceAll('_', ' ')}; the gateway knows groups and users only`);
  if (users !== undefined)
    return users.length === 1 ? caps(budget, users, context) : refused(budget, 'several users share it; only a group can have a pool');
  if (teams === undefined) return refused(budget, 'everybody shares it; only a group can have a pool');
  return teams.length === 1 ? pools(budget, teams, context) : refused(budget, 'several teams share it; a pool is for one group');
}

const refused = ({ name }: Budget, reason: string): Targets => ({ targets: [], remarks: [{ budget: name, reason }] });

/** What no limit of a gateway can be, whomever it is for. */
function reasonAgainst(budget: Budget, { gateway, calendar }: TargetContext): string | undefined {
  const zone = calendarOf(budget, calendar).timeZone;
  if (budget.tokens !== undefined) return 'it counts tokens; limits at the gateway are amounts of money';
  if (budget.hard_limit !== true && gateway.enforce === 'hard_limits')
    return 'it only warns here, and the gateway would stop work at it; set hard_limit, or gateway.enforce: all';
  if (canonicalZone(zone) !== UTC) return `its periods begin in ${zone}; those of the gateway begin in UTC`;
  if (budget.rollover === true) return 'what is left of it rolls over; limits at the gateway do not';
  if (budget.period !== 'day' && budget.period !== 'week' && budget.period !== 'month') return 'its period is neither a day nor a month';
  return undefined;
}

const periodOf = ({ period }: Budget): Target['period'] => (period === 'day' ? 'daily' : 'monthly');

const amountOf = (budget: Budget, keys: readonly string[], nowMs: number): PicoUsd =>
  amountAt(budget, nowMs, UTC) + raisedBy(budget.raises ?? [], keys, nowMs);

/** "name" for the whole, "name/member" for one of several. */
const keyOf = ({ name, per }: Budget, member: string): string => (per === undefined ? name : `${name}/${member}`);

function pools(budget: Budget, teams: readonly string[], { gateway, nowMs }: TargetContext): Targets {
  if (budget.period !== 'month') return refused(budget, `a pool of the gateway is by the month, and this one is by the ${String(budget.period)}`);
  if (budget.parent !== undefined)
    return refused(budget, `it is part of the budget ${budget.parent}; a request at the gateway is paid from one pool, not from one within another`);
  const [known, unknown] = parted(teams, gateway.groups);
  const members = memberCaps(budget, gateway, nowMs);
  return {
    targets: [
      ...known.map((team): Target => {
        const budgetKey = keyOf(budget, team);
        return { kind: 'pool', of: team, budget: budgetKey, period: 'monthly', amount: amountOf(budget, [budget.name, budgetKey], nowMs) };
      }),
      ...members.targets,
    ],
    remarks: [
      ...unknown.map((team) => ({ budget: keyOf(budget, team), reason: `gateway.groups has no group for the team ${team}` })),
      ...members.remarks,
    ],
  };
}

/** Parts of a budget that are set aside for users: as caps of these users. */
function memberCaps({ name, members = [], raises = [] }: Budget, gateway: GatewayConfig, nowMs: number): Targets {
  const [known, unknown] = parted(
    members.map(({ user }) => user),
    gateway.users,
  );
  const targets = members
    .filter(({ user }) => known.includes(user))
    .map(({ user, amount_usd }): Target => {
      const budget = `${name}/${user}`;
      return { kind: 'user', of: user, budget, period: 'monthly', amount: (parseUsd(amount_usd ?? '0') ?? 0n) + raisedBy(raises, [budget], nowMs) };
    });
  const shared = 'parts are set aside for users here; at the gateway they are caps of these users, and all others share the whole pool';
  return { targets, remarks: [...unmapped(name, unknown), ...(members.length > 0 ? [{ budget: name, reason: shared }] : [])] };
}

function perUser(budget: Budget, teams: readonly string[] | undefined, users: readonly string[] | undefined, context: TargetContext): Targets {
  const { gateway, nowMs } = context;
  if (budget.period === 'week') return refused(budget, WEEK);
  if (teams === undefined) {
    const everybody = users ?? Object.keys(gateway.users);
    return everybody.length === 0 ? refused(budget, 'gateway.users names nobody') : caps(budget, everybody, context);
  }
  const [known, unknown] = parted(teams, gateway.groups);
  const amount = amountOf(budget, [budget.name], nowMs);
  const raised = (budget.raises ?? []).some(({ key, fromMs, untilMs }) => key !== budget.name && fromMs <= nowMs && nowMs < untilMs);
  return {
    targets: known.map((team): Target => ({ kind: 'member', of: team, budget: budget.name, period: periodOf(budget), amount })),
    remarks: [
      ...unknown.map((team) => ({ budget: budget.name, reason: `gateway.groups has no group for the team ${team}` })),
      ...(raised ? [{ budget: budget.name, reason: 'a raise of one member is left out: a group has one amount for all its members' }] : []),
    ],
  };
}

const WEEK = 'it is by the week, and on which day a week begins at the gateway is not documented';

function caps(budget: Budget, users: readonly string[], { gateway, nowMs }: TargetContext): Targets {
  if (budget.period === 'week') return refused(budget, WEEK);
  const [known, unknown] = parted(users, gateway.users);
  return {
    targets: known.map((user): Target => {
      const key = keyOf(budget, user);
      return { kind: 'user', of: user, budget: key, period: periodOf(budget), amount: amountOf(budget, [budget.name, key], nowMs) };
    }),
    remarks: unmapped(budget.name, unknown),
  };
}

const unmapped = (name: string, users: readonly string[]): Remark[] =>
  users.map((user) => ({ budget: `${name}/${user}`, reason: 'gateway.users has no id for this user' }));

/** Those that the gateway has an id for, and those that it has none for. */
function parted(names: readonly string[], ids: Readonly<Record<string, string>>): [known: readonly string[], unknown: readonly string[]] {
  const has = (name: string): boolean => Object.hasOwn(ids, name);
  return [names.filter(has), names.filter((name) => !has(name))];
}
