/** Gauges of budgets against plain computations over the raw entries: periods of every kind, their own zones, filters, and days in the past. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GAUGES, type GaugeDeclaration, type GaugeName } from '../../collector/catalog/gauges.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import { GAUGE_READERS } from '../../collector/query/gauges/registry.ts';
import { contextOf } from '../query/gauges/gauge-context.ts';
import { seededRandom } from '../support/random.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { DAY, generated, LAST, MINUTE } from './oracles/asked.ts';
import { BUDGET_ORACLES, type Planned } from './oracles/budgets.ts';

const CASES = 10;
const thresholds = [
  { at: 0.4, on: 'actual', severity: 'info' },
  { at: 0.7, on: 'actual', severity: 'warning' },
  { at: 1, on: 'actual', severity: 'critical' },
] as const;

const BUDGETS: readonly Planned[] = [
  { name: 'all', amount_usd: '9000', period: 'month', thresholds },
  {
    name: 'core',
    scope: { team: 'core' },
    amount_usd: '900',
    period: 'week',
    week_start: 'sunday',
    time_zone: 'America/New_York',
    hard_limit: true,
    thresholds,
  },
  { name: 'acme', scope: { organization: 'acme', model: ['m1', 'm2'] }, amount_usd: '14000', period: 'quarter', thresholds },
  { name: 'today', amount_usd: '400', period: 'day', session_warning_usd: '60', thresholds },
  { name: 'ten', scope: { workspace: 'api', user: 'ada' }, amount_usd: '300', period: { rolling_days: 10 }, time_zone: 'Asia/Kathmandu', thresholds },
  { name: 'tokens', scope: { team: ['core', 'web'] }, tokens: { amount: 60_000, classes: ['input', 'output'] }, period: 'month', thresholds },
  { name: 'each', scope: { organization: 'acme' }, per: 'user', amount_usd: '700', period: 'month', session_warning_usd: '45', thresholds },
  { name: 'rest', scope: { team: 'web' }, amount_usd: '2000', period: 'week', rollover: true, thresholds: thresholds.slice(0, 1) },
  { name: 'once', amount_usd: '4000', period: { from: '2026-11-01', to: '2026-11-09' }, hard_limit: true, thresholds },
];

describe.each(['UTC', 'America/New_York', 'Asia/Kolkata'])('budgets of a ledger in %s', (timeZone) => {
  const random = seededRandom(`gauges of budgets ${timeZone}`);
  const entries = generated(random, timeZone);
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await openTestLedger({ timeZone });
    await ledger.writer.append({ entries, receivedMs: LAST });
  });
  afterAll(() => ledger.destroy());

  const filters = (): Filter[] =>
    (
      [
        { dimension: 'team', values: random.pick([['core'], ['core', 'web'], ['web', '']]) },
        { dimension: 'organization', values: random.pick([['acme'], ['acme', 'beta']]) },
        { dimension: 'user', values: random.pick([['ada'], ['ada', 'bob', 'cy']]) },
        { dimension: 'workspace', values: ['api'] },
      ] satisfies Filter[]
    ).filter(() => random.chance(0.3));

  test.each(Object.entries(BUDGET_ORACLES))('%s is what its help says', async (name, oracle) => {
    const { isHistoric }: GaugeDeclaration = GAUGES[name as GaugeName];
    for (let index = 0; index < CASES; index++) {
      const where = index < 3 ? [] : filters();
      const backMs = isHistoric === true && random.chance(0.6) ? (20 + random.below(50)) * DAY : 0;
      const nowMs = LAST + random.below(20 * 24 * 60) * MINUTE - backMs;
      const samples = await GAUGE_READERS[name as GaugeName].read(contextOf(ledger, { nowMs, timeZone, where, config: { budgets: BUDGETS } }));
      const right = oracle({ entries, nowMs, timeZone, where, budgets: BUDGETS, asOfMs: LAST });
      const nearly = Object.fromEntries(
        Object.entries(right).map(([labels, value]) => [labels, Number.isFinite(value) ? expect.closeTo(value, 5) : value]),
      );
      const at = new Date(nowMs).toISOString();
      expect([where, at, Object.fromEntries(samples.map(({ labels, value }) => [labels.join('|'), value]))]).toEqual([where, at, nearly]);
      expect(samples).toHaveLength(Object.keys(right).length);
    }
  });
});
