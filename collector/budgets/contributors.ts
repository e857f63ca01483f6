/** Who and what a budget's spend is made of, and how that changed. */

import { floorQuarter, type TimeRange } from '../core/time-range.ts';
import { coverageStart } from '../ledger/coverage-start.ts';
import { readSpend, type SpendContext } from '../ledger/scoped-spend.ts';
import { narrowed } from './scope.ts';
import type { BudgetStatus, Contributor } from './status.ts';

export interface ContributorContext extends SpendContext {
  readonly nowMs: number;
}

export interface ContributorOptions {
  /** Default: the first of user, workspace and model that the scope does not fix to one value. */
  readonly dimensions?: readonly Contributor['dimension'][];
  /** Of each dimension. Default: 3. */
  readonly count?: number;
}

export const CONTRIBUTOR_DIMENSIONS = ['user', 'workspace', 'model'] as const;

/**
 * The largest first. Values as stored ('' is not known). Changes are against the same elapsed part of the period before, where the ledger
 * knows all of it.
 */
export async function contributors(status: BudgetStatus, context: ContributorContext, options: ContributorOptions = {}): Promise<Contributor[]> {
  const open = CONTRIBUTOR_DIMENSIONS.filter((name) => status.where.find(({ dimension }) => dimension === name)?.values.length !== 1);
  const before = await knownPartBefore(status, context);
  const found: Contributor[] = [];
  for (const dimension of options.dimensions ?? open.slice(0, 1))
    found.push(...(await largest(status, dimension, options.count ?? 3, before, context)));
  return found;
}

async function largest(
  status: BudgetStatus,
  dimension: Contributor['dimension'],
  count: number,
  before: Required<TimeRange> | undefined,
  context: ContributorContext,
): Promise<Contributor[]> {
  const { where, measures } = status;
  const timeRange = { fromMs: status.periodStartMs, toMs: status.periodEndMs };
  const current = (await readSpend([{ timeRange, where, measures, per: dimension }], context)).spends[0];
  const top = [...(current?.members ?? [])].sort((a, b) => (a[1] === b[1] ? (a[0] < b[0] ? -1 : 1) : a[1] < b[1] ? 1 : -1)).slice(0, count);
  // Only the few that are shown: the whole period before may hold thousands.
  const values = top.map(([value]) => value);
  const previous =
    before === undefined || values.length === 0
      ? undefined
      : (await readSpend([{ timeRange: before, where: narrowed(where, { dimension, values }), measures, per: dimension }], context)).spends[0];
  return top.map(([value, spent]) => ({
    dimension,
    value,
    spent,
    share: status.spent === 0n ? 0 : Number((spent * 1_000_000n) / status.spent) / 1e6,
    previous: previous === undefined ? undefined : (previous.members.get(value) ?? 0n),
  }));
}

/** Before the ledger began nothing is known; that is not nothing spent. */
async function knownPartBefore(status: BudgetStatus, { reader, calendar, nowMs }: ContributorContext): Promise<Required<TimeRange> | undefined> {
  const before = elapsedPartBefore(status, nowMs);
  if (before === undefined) return undefined;
  return (await coverageStart(reader, before, calendar.timeZone)) > before.fromMs ? undefined : before;
}

/** Half of November is compared with as many hours of October. */
export function elapsedPartBefore({ previous, periodStartMs }: BudgetStatus, nowMs: number): Required<TimeRange> | undefined {
  if (previous === undefined) return undefined;
  const toMs = Math.min(previous.toMs, floorQuarter(previous.fromMs + Math.max(0, nowMs - periodStartMs)));
  return toMs > previous.fromMs ? { fromMs: previous.fromMs, toMs } : undefined;
}
