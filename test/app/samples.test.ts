/** What the collector writes beside a shared ledger, on a store that remembers what it was given. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Sampling } from '../../collector/app/samples.ts';
import { configSchema } from '../../collector/config/config.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../collector/core/duration.ts';
import { LedgerlineError } from '../../collector/core/error.ts';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import type { Sample, SampleStore } from '../../collector/ledger/samples.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { event, NOON } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

const TODAY = Date.parse('2026-11-20T00:00:00Z');

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await openTestLedger();
  await ledger.writer.append({
    receivedMs: NOON,
    entries: [event({ id: 'a', cost: '3' }), event({ id: 'b', cost: '2', timeMs: NOON - 2 * DAY_MS })],
  });
});
afterAll(() => ledger.destroy());

const config = configSchema.parse({
  budgets: [
    { name: 'all', scope: {}, per: 'user', period: 'month', amount_usd: '10' },
    { name: 'whole', scope: {}, period: 'month', amount_usd: '10' },
  ],
});

function sampling({ showsLedger = true, reader = ledger.reader as Pick<LedgerReader, 'snapshot'>, withBudgets = true } = {}) {
  const written = {
    gauges: [] as readonly Sample[],
    own: [] as readonly Sample[],
    days: new Map<number, readonly Sample[]>(),
    failures: [] as string[],
  };
  const clock = { nowMs: NOON + HOUR_MS };
  const store: SampleStore = {
    replaceGauges: async (samples) => {
      written.gauges = samples;
    },
    replaceOwn: async (samples) => {
      written.own = samples;
    },
    replaceDay: async (startMs, samples) => {
      written.days.set(startMs, samples);
    },
    close: async () => undefined,
  };
  const budgets = withBudgets ? config.budgets : [];
  const job = new Sampling({
    ...{ config, store, reader, prices: loadPriceBook(), now: () => clock.nowMs, showsLedger: () => showsLedger },
    budgets: async () => budgets,
    selfText: async () => '# HELP x\nledgerline_received_requests_total{outcome="accepted"} 7\n',
    log: (_code, message) => {
      written.failures.push(message);
    },
  });
  return { job, written, clock };
}

const amountOf = (samples: readonly Sample[] = [], name: string, labels: Readonly<Record<string, string>> = {}): number | undefined =>
  samples.find((sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))?.value;

test('are all gauges, by their labels, and the series of the replica', async () => {
  const { job, written } = sampling();
  await job.round();
  expect(written.failures).toEqual([]);
  expect(written.own).toEqual([{ name: 'ledgerline_received_requests_total', labels: { outcome: 'accepted' }, value: 7 }]);
  expect(amountOf(written.gauges, 'ledger_cost')).toBe(5);
  expect(amountOf(written.gauges, 'budget_spent', { budget: 'whole' })).toBe(5);
  expect(amountOf(written.gauges, 'active_users', { window: 'day', team: 'platform' })).toBe(1);
});

test('are of each day as it was at its end, without members by name', async () => {
  const { job, written, clock } = sampling();
  await job.round();
  expect([...written.days.keys()].slice(0, 3)).toEqual([TODAY, TODAY - DAY_MS, TODAY - 2 * DAY_MS]);
  const spent = [0, 1, 2, 3].map((back) => amountOf(written.days.get(TODAY - back * DAY_MS), 'budget_spent', { budget: 'whole' }));
  expect(spent).toEqual([5, 2, 2, undefined]);
  expect([...written.days.values()].flat().filter(({ labels }) => labels.budget?.includes('/'))).toEqual([]);
  // The next rounds go on with the days before; those that are over are read again after an hour.
  written.days.clear();
  clock.nowMs += MINUTE_MS;
  await job.round();
  expect([...written.days.keys()].slice(0, 2)).toEqual([TODAY, TODAY - 20 * DAY_MS]);
  written.days.clear();
  clock.nowMs += HOUR_MS;
  await job.round();
  expect([...written.days.keys()].slice(0, 9)).toEqual([...[0, 1, 2, 3, 4, 5, 6, 7].map((back) => TODAY - back * DAY_MS), TODAY - 39 * DAY_MS]);
});

test('are of the ledger only from the replica that shows it, and of days only where there are budgets', async () => {
  const other = sampling({ showsLedger: false });
  await other.job.round();
  expect([other.written.own.length, other.written.gauges.length]).toEqual([1, 0]);
  const without = sampling({ withBudgets: false });
  await without.job.round();
  expect([without.written.gauges.length > 0, without.written.days.size]).toEqual([true, 0]);
});

test('are tried again the next time when the ledger cannot be read', async () => {
  const trouble = { isThere: true };
  const reader: Pick<LedgerReader, 'snapshot'> = {
    snapshot: (read, bound) =>
      trouble.isThere ? Promise.reject(new LedgerlineError('unavailable', 'The database is away.')) : ledger.reader.snapshot(read, bound),
  };
  const { job, written } = sampling({ reader, withBudgets: false });
  await job.round();
  expect(written.failures).toEqual(['Samples could not be written: The database is away.']);
  trouble.isThere = false;
  await job.round();
  expect(amountOf(written.gauges, 'ledger_cost')).toBe(5);
});
