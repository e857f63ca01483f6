import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GaugeName } from '../../../collector/catalog/gauges.ts';
import { GAUGE_SERIES } from '../../../collector/catalog/names.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { GAUGE_READERS } from '../../../collector/query/gauges/registry.ts';
import { event, metric, NOON } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { contextOf, DAY_MS } from './gauge-context.ts';

let empty: TestLedger;
let filled: TestLedger;
beforeAll(async () => {
  [empty, filled] = await Promise.all([openTestLedger(), openTestLedger()]);
  await filled.writer.append({ entries: fortyDays(), receivedMs: NOON });
});
afterAll(() => Promise.all([empty.destroy(), filled.destroy()]));

/** Both accounts of a session a day, with and without a known team and user, from clients with faults. */
function fortyDays(): Entry[] {
  return Array.from({ length: 40 }, (_, index) => {
    const timeMs = NOON - index * DAY_MS;
    const dimensions = {
      organization: 'acme',
      workspace: 'web',
      client_version: index % 2 ? '2.1.59' : '2.1.120',
      query_source: index % 3 ? 'main' : 'auxiliary',
    };
    const [team, user] = [index % 2 ? 'platform' : '', index % 5 ? 'ada' : ''];
    const common = { cost: '1.25', team, user, timeMs, sessionId: `s${index}`, dimensions };
    return [event({ ...common, id: `e${index}`, sequence: 3 }), metric({ ...common, id: `m${index}`, timeMs: timeMs + 5 })];
  }).flat();
}

const names = Object.keys(GAUGE_READERS) as GaugeName[];
/** They are what they are, whatever the ledger holds. */
const CONSTANT: readonly GaugeName[] = ['benchmark_cost_per_user_day', 'list_price', 'period_start'];
const budgets = [
  { name: 'all', amount_usd: '100.00', session_warning_usd: '1.00' },
  { name: 'each', per: 'user', amount_usd: '0' },
  { name: 'tokens', tokens: { amount: 5, classes: ['input'] }, rollover: true },
  { name: 'once', amount_usd: '1.00', period: { from: '2027-01-01', to: '2027-02-01' } },
];

describe('the catalogue of gauges', () => {
  test('should have one series for each, in the list of names and nowhere else', async () => {
    expect(Object.fromEntries(names.map((name) => [name, GAUGE_READERS[name].series]))).toEqual(GAUGE_SERIES);
    expect(new Set(Object.values(GAUGE_SERIES)).size).toBe(names.length);
  });

  test.each(names)('%s should be named as Prometheus wants it, with its unit, and say what it is', async (name) => {
    const { series, labels, help, unit } = GAUGE_READERS[name];
    expect(series).toMatch(/^ledgerline_[a-z][a-z0-9_]*$/);
    for (const label of labels) expect(label).toMatch(/^[a-z][a-z_]*$/);
    expect(new Set(labels).size).toBe(labels.length);
    expect(help).toMatch(/[.]$/);
    if (unit === 'usd') expect(series).toContain('_usd');
    if (unit === 'timestamp') expect(series).toMatch(/_timestamp_seconds$/);
    if (unit === 'seconds') expect(series).toMatch(/_seconds$/);
    if (unit === 'ratio') expect(series).toMatch(/_ratio$/);
  });

  test.each(names)('%s of an empty ledger should be silent or a plain zero', async (name) => {
    const samples = await GAUGE_READERS[name].read(contextOf(empty, { config: { budgets, rate_limits: {} } }));
    for (const { value } of samples) expect(value).not.toBeNaN();
    if (!name.startsWith('budget_') && !CONSTANT.includes(name)) expect(samples.filter(({ value }) => value !== 0)).toEqual([]);
  });

  test.each(names)('%s should give each sample its labels, once, and a number', async (name) => {
    const config = { budgets, rate_limits: { tokens_per_minute: 1, requests_per_minute: 1 } };
    const samples = await GAUGE_READERS[name].read(contextOf(filled, { config }));
    for (const { labels, value } of samples) {
      expect(labels).toHaveLength(GAUGE_READERS[name].labels.length);
      expect(value).not.toBeNaN();
    }
    const keys = samples.map(({ labels }) => labels.join('\u001f'));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('should not be silent altogether over forty days of work', async () => {
    const config = { budgets, rate_limits: { tokens_per_minute: 1, requests_per_minute: 1 } };
    const silent: GaugeName[] = [];
    for (const name of names) if ((await GAUGE_READERS[name].read(contextOf(filled, { config }))).length === 0) silent.push(name);
    // Nobody is new, the model's price did not change, the budget with a forecast is broken already, the alert is for one in tokens, of the period
    // before which the ledger does not know all, and nothing is unusual.
    expect(silent).toEqual([
      ...['user_first_seen', 'price_change', 'budget_breach', 'budget_contributor', 'budget_contributor_change'],
      ...['anomaly', 'anomaly_figure'],
    ]);
  });
});
