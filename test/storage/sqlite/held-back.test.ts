/** Records that come too late into too long a session: stored, held back and marked, through restarts and removal. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { event, metric, NOON, usd } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';

const MINUTE = 60_000;
const LENGTH = 40;

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await openTestLedger({ limits: { rebookedEntries: 10, checkpointEvery: 2 } });
  await append(...Array.from({ length: LENGTH }, (_, index) => event({ id: `${index}`, timeMs: NOON + index * MINUTE })));
});
afterEach(async () => {
  const differences = await ledger.reader.check();
  await ledger.destroy();
  expect(differences).toEqual([]);
});

const append = (...entries: ReturnType<typeof event>[]) => ledger.writer.append({ entries, receivedMs: NOON + LENGTH * MINUTE });
const late = [
  event({ id: 'late', timeMs: NOON + 1, cost: '0.05' }),
  metric({ id: 'late', timeMs: NOON + 2, cost: '0.07', amounts: { lines_added: 3 } }),
];

test('the session says how many they are, and the status of the ledger, too', async () => {
  expect(await append(...late)).toMatchObject({ appended: 2, heldBack: 2 });
  expect(await ledger.reader.session('session-1')).toMatchObject({
    ...{ heldBackEntries: 2, cost: usd('0.4') },
    totals: { cost: usd('0.4'), cost_unreconciled: usd('0.12'), cost_events: usd('0.45'), cost_metrics: usd('0.07'), requests: 41n, lines_added: 3n },
  });
  expect((await ledger.reader.status()).heldBack).toBe(2);
});

test('after a restart they are known again, and the session goes on', async () => {
  await append(...late);
  ledger = await ledger.reopen();
  expect(await append(...late)).toMatchObject({ duplicates: 2 });
  await append(event({ id: 'next', timeMs: NOON + LENGTH * MINUTE }), event({ id: 'little', timeMs: NOON + (LENGTH - 2) * MINUTE + 1 }));
  expect(await ledger.reader.session('session-1')).toMatchObject({ heldBackEntries: 2, cost: usd('0.42') });
});

test('what they came to stays when the entries are removed', async () => {
  await append(...late);
  await ledger.writer.prune(NOON + (LENGTH + 1) * MINUTE);
  expect(await ledger.reader.session('session-1')).toMatchObject({ cost: usd('0.4'), totals: { cost_unreconciled: usd('0.12'), cost: usd('0.4') } });
});
