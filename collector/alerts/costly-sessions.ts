/** Which sessions of the last day reached the session warning of a budget they count towards. Pure but for the ledger it is given. */

import type { BudgetStatus } from '../budgets/status.ts';
import { DAY_MS } from '../core/duration.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import { SESSION_DIMENSIONS, type SessionSummary } from '../ledger/sessions.ts';
import type { CostlySession } from './alert.ts';

/** A session that was silent for so long is over. */
const RECENT_MS = DAY_MS;
/** Beyond it the most expensive are notified. */
const SESSIONS_MAX = 200;

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
  const warning = statuses.filter(({ sessionWarning }) => sessionWarning !== undefined);
  if (warning.length === 0) return [];
  const sessions = await reader.sessions({ fromMs: nowMs - RECENT_MS, limit: SESSIONS_MAX, order: 'cost' });
  return sessions.flatMap((session) =>
    warning.flatMap((status) => {
      const counted = ownersOf(session).filter((owned) => countsTowards(owned, status));
      const cost = counted.reduce((sum, owned) => sum + owned.cost, 0n);
      const [first] = counted;
      return first !== undefined && cost >= (status.sessionWarning ?? 0n)
        ? [{ status, session: { sessionId: session.sessionId, user: first.user, cost } }]
        : [];
    }),
  );
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
