/** Cost that is held back, since nobody can say whether another session reports it too: see ledger/pools.ts. */
import type { Finding } from '../core/finding.ts';
import { displayUsd } from '../core/money.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';

export async function unreconciledFindings(reader: Pick<LedgerSnapshot, 'query'>): Promise<readonly Finding[]> {
  const { totals } = await reader.query({ measures: ['cost_unreconciled'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1 });
  const amount = totals[0] ?? 0n;
  if (amount === 0n) return [];
  return [
    {
      code: 'unreconciled_cost',
      severity: 'warning',
      message: `${displayUsd(amount)} was reported without a session that it could be matched with, and is held back: it may be what other sessions report too.`,
      remedy:
        'Keep session.id, user.id and user.email on logs and metrics alike: remove OTEL_METRICS_INCLUDE_SESSION_ID=false from the clients, and the processor that deletes them. Sessions no-session:… hold the amounts.',
    },
  ];
}
