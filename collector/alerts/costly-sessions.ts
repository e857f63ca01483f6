/** Which sessions of the last day reached the session warning of a budget they count towards. Pure but for the ledger it is given. */

import type { BudgetStatus } from '../budgets/status.ts';
import { DAY_MS } from '../core/duration.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import { SESSION_DIMENSIONS, type SessionSummary } from '../ledger/sessions.ts';
import type { CostlySession } from './alert.ts';
import { sessionsDownTo } from './sessions-by-cost.ts';

/** A session that was silent for so long is over. */
const RECENT_MS = DAY_MS;

export interface SessionOfBudget {
  readonly status: BudgetStatus;
  readonly session: CostlySession;
}

/** A budget of a model or a tool has no session warning: a session has few owners, but many of those. */
export async function costlySessions(
  statuses: readonly BudgetStatus[],
  reader: Pick<LedgerSnapshot, 'sessions'>,
  nowMs: number,
): Promise<SessionOfBudget[]> {
  const warnings = statuses.flatMap((status) => (status.sessionWarning === undefined ? [] : [{ status, limit: status.sessionWarning }]));
  const [first] = warnings;
  if (first === undefined) return [];
  const least = warnings.reduce((lowest, { limit }) => (limit < lowest ? limit : lowest), first.limit);
  const found: SessionOfBudget[] = [];
  const byUser = Map.groupBy(warnings, ({ status }) => userOf(status));
  for await (const session of sessionsDownTo(least, reader, nowMs - RECENT_MS)) {
    const owners = ownersOf(session);
    // A budget for each user has as many parts as there are users.
    for (const user of new Set([undefined, ...owners.map((owned) => owned.user)]))
      for (const { status, limit } of byUser.get(user) ?? []) found.push(...reached(limit, status, owners));
  }
  return found;
}

/** Of a budget of one user alone. */
function userOf({ where }: BudgetStatus): string | undefined {
  const [user, ...others] = where.find(({ dimension }) => dimension === 'user')?.values ?? [];
  return others.length === 0 ? user : undefined;
}

function reached(limit: bigint, status: BudgetStatus, owners: readonly SessionSummary[]): SessionOfBudget[] {
  const counted = owners.filter((owned) => countsTowards(owned, status));
  const cost = counted.reduce((sum, owned) => sum + owned.cost, 0n);
  const [first] = counted;
  return first !== undefined && cost >= limit ? [{ status, session: { sessionId: first.sessionId, user: first.user, cost } }] : [];
}

/** The session, or where it changed hands its parts, the largest first. */
const ownersOf = (session: SessionSummary): readonly SessionSummary[] =>
  session.shares.length === 0 ? [session] : session.shares.map((share) => ({ ...session, ...share }));

function countsTowards(session: SessionSummary, { where }: BudgetStatus): boolean {
  return where.every(({ dimension, values }) => {
    const known = SESSION_DIMENSIONS.find((name) => name === dimension);
    return known !== undefined && values.includes(session[known]);
  });
}
