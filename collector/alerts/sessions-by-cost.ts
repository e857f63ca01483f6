/** Sessions by their cost, however many there are: whoever looks at the first ones only misses a small team beside a large one. */
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import type { SessionSummary } from '../ledger/sessions.ts';

/** Read at once: each page costs as much as the time has sessions. */
const PAGE = 1_000;

/** Last seen since then, the most expensive first, down to a cost. */
export async function* sessionsDownTo(
  cost: bigint,
  reader: Pick<LedgerSnapshot, 'sessions'>,
  fromMs: number,
): AsyncGenerator<SessionSummary, void, undefined> {
  let after: SessionSummary | undefined;
  do {
    const page: readonly SessionSummary[] = await reader.sessions({ fromMs, limit: PAGE, order: 'cost', after });
    for (const session of page) {
      if (session.cost < cost) return;
      yield session;
    }
    after = page.length < PAGE ? undefined : page.at(-1);
  } while (after !== undefined);
}
