/** What alerts are made of: of the last 24 hours what was spent then, whatever else was posted. */
import { expect, test } from '@jest/globals';
import { readFacts } from '../../collector/alerts/facts.ts';
import { ForecastMemo } from '../../collector/budgets/evaluate.ts';
import { DAY_MS } from '../../collector/core/duration.ts';
import { event, NOON } from '../support/entries.ts';
import { openTestLedger } from '../support/sqlite-ledger.ts';

test('history of a closed month without a team or a price is no share of the last 24 hours', async () => {
  const ledger = await openTestLedger();
  const nowMs = Date.parse('2026-12-04T12:00:00Z');
  try {
    await ledger.writer.append({ entries: [event({ id: 'before' })], receivedMs: NOON });
    await ledger.writer.closeMonth('2026-11', nowMs - 3 * DAY_MS);
    const unpriced = { requests: 1, input_tokens: 1_000, unpriced_tokens: 1_000 };
    const entries = [
      event({ id: 'today', sessionId: 'today', cost: '5', timeMs: nowMs - 1_000 }),
      event({ id: 'late', sessionId: 'late', cost: '400', timeMs: NOON + 1, team: '', amounts: unpriced }),
    ];
    await ledger.writer.append({ entries, receivedMs: nowMs });
    const facts = await ledger.reader.snapshot((reader) =>
      readFacts({
        ...{ reader, nowMs, budgets: [], rateLimits: {}, forecastMemo: new ForecastMemo() },
        calendar: { timeZone: 'UTC', weekStart: 'monday' },
        alerts: { unpriced_share: 0.05, unallocated_share: 0.2 },
      }),
    );
    expect(facts.shares).toEqual([]);
  } finally {
    await ledger.destroy();
  }
});
