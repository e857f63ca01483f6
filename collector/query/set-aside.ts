/** Cost that is set aside, since its records are dated outside the window: see ledger/set-aside.ts. The senders are named by the refusals. */
import type { Finding } from '../core/finding.ts';
import { displayUsd } from '../core/money.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';

export async function setAsideFindings(reader: Pick<LedgerSnapshot, 'query'>): Promise<readonly Finding[]> {
  const { totals } = await reader.query({ measures: ['cost_set_aside'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1 });
  const amount = totals[0] ?? 0n;
  if (amount === 0n) return [];
  return [
    {
      code: 'cost_set_aside',
      severity: 'warning',
      message: `${displayUsd(amount)} is dated outside ingest_window and is set aside: it is in no total, and no closed month changes.`,
      remedy:
        'Check the clocks of the senders (GET /api/v1/spend?measures=cost_set_aside&by=user names users). To book it all the same, raise ingest_window.back_days or ahead_days and send it again.',
    },
  ];
}
