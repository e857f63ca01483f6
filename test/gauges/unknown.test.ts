/** What the ledger does not know is no figure, and the panel says why; and filters that hide budgets are said to. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Panel } from '../../collector/catalog/panel.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import { configSchema } from '../../collector/config/config.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { readPanels } from '../../collector/query/boards/answer.ts';
import { BoardQuery } from '../../collector/query/boards/board-query.ts';
import { evaluatePanel } from '../../collector/query/boards/evaluate.ts';
import type { PanelData } from '../../collector/query/boards/panel-data.ts';
import { GaugeCache } from '../../collector/query/gauges/cache.ts';
import { gaugeBars } from '../../dashboards/panels/gauge.ts';
import { bars, stat, table } from '../../dashboards/panels/ledger.ts';
import { event } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

const UTC = { timeZone: 'UTC', weekStart: 'monday' } as const;
const NOW = Date.parse('2026-11-20T12:00:00Z');
const DAY = 86_400_000;
/** Much later, apart from the other tests' figures. */
const NOON_LATER = NOW + 400 * DAY;

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await openTestLedger();
  // From the 10th of October on, a dollar at each noon: the ledger begins within the month before, as it stood by the 20th.
  const days = Array.from({ length: 42 }, (_, back) => NOW - back * DAY);
  const entries = days.map((timeMs) =>
    event({ id: `${timeMs}`, sessionId: `${timeMs}`, cost: '1', timeMs, team: timeMs < NOW - 40 * DAY ? 'a' : 'b' }),
  );
  await ledger.writer.append({ entries, receivedMs: NOW });
});
afterAll(() => ledger.destroy());

async function shown(panel: Panel, more: { nowMs?: number; where?: Filter[]; budgets?: object[] } = {}): Promise<PanelData> {
  const { nowMs = NOW, where = [], budgets = [] } = more;
  const config = configSchema.parse({ budgets });
  const asked = new BoardQuery({ timeRange: { fromMs: NOW - 7 * DAY, toMs: NOW }, where, calendar: UTC, nowMs, rowsMax: 1_000 });
  const source = { reader: ledger.reader, scope: 'all', config, prices: loadPriceBook(), budgets: config.budgets, selfText: '' } as const;
  return evaluatePanel(panel, 'board', await readPanels([panel], asked, { ...source, gauges: new GaugeCache(() => 0) }));
}

const BEGINS = 'The ledger begins on 2026-10-10: nothing is known of the time before.';
const month = stat('cost', 'this_month', { width: 6 });

test('a figure is not compared with a time that the ledger knows in part', async () => {
  expect(await shown(month)).toMatchObject({ stat: { value: '20.00', previous: null }, note: BEGINS });
  expect(await shown(stat('cost', 'last_month_to_date', { width: 6 }))).toMatchObject({ stat: { value: null }, note: BEGINS });
  // The whole month is no comparison: what there is of it was spent.
  expect(await shown(stat('cost', 'last_month', { width: 6 }))).toMatchObject({ stat: { value: '22.00', previous: null }, note: BEGINS });
});

test('a month before the ledger began has no figure', async () => {
  const nowMs = Date.parse('2026-10-12T18:00:00Z');
  expect(await shown(stat('cost', 'last_month', { width: 6 }), { nowMs })).toMatchObject({ stat: { value: null, previous: null }, note: BEGINS });
});

test('what is known in whole is compared, also where nothing was spent', async () => {
  const nowMs = NOW + 31 * DAY;
  const { stat: figure, note } = await shown(month, { nowMs });
  expect([figure?.value, figure?.previous, note]).toEqual(['0.00', '20.00', undefined]);
  const { stat: of } = await shown(month, { nowMs, where: [{ dimension: 'team', values: ['a'] }] });
  expect(of?.previous).toBe('0.00');
});

test('a table has no change from what is not known', async () => {
  const movers = table({
    id: 'movers',
    title: 'Movers',
    figures: ['cost'],
    by: ['team'],
    window: 'this_month',
    versus: 'last_month_to_date',
    width: 12,
  });
  const { table: rows, note } = await shown(movers);
  expect(rows?.rows.map(({ cells }) => cells)).toEqual([['b', '20.00', null, null]]);
  expect(rows?.totals).toEqual([null, '20.00', null, null]);
  expect(note).toBe(BEGINS);
  const later = await shown(movers, { nowMs: NOW + 31 * DAY });
  expect(later.table?.rows.map(({ cells }) => cells)).toEqual([['b', '0.00', '20.00', '-20.00']]);
});

test('budgets that the filters hide are not missing', async () => {
  const used = gaugeBars('budget_used_ratio', { title: 'Used', by: ['budget'], reduce: 'max', width: 12 });
  const budgets = [{ name: 'all', amount_usd: '10' }];
  const where: Filter[] = [{ dimension: 'team', values: ['a'] }];
  expect(await shown(used, { where })).toMatchObject({ bars: { rows: [] }, empty: 'No budget is configured; see docs/budgets.md.' });
  expect(await shown(used, { where, budgets })).toMatchObject({ bars: { rows: [] }, empty: 'No budget matches the filters.', filtered: true });
});

test('what a cache saved is not known of models without a price', async () => {
  const tokens = { cache_read_tokens: 1_000 };
  const of = (model: string, amounts: object, listCost: bigint) => ({
    ...event({ id: model, sessionId: model, cost: '1', timeMs: NOON_LATER, model, amounts: { ...tokens, ...amounts } }),
    listCost,
  });
  await ledger.writer.append({
    entries: [of('unpriced', { unpriced_tokens: 1_000 }, 0n), of('priced', { cost_list_uncached: 3e12 }, 10n ** 12n)],
    receivedMs: NOON_LATER,
  });
  const nowMs = NOON_LATER + 60_000;
  const figure = stat('cache_savings', 'today', { width: 6 });
  const note = 'Models without a list price are not in the cache savings.';
  const narrowed = (model: string) => shown(figure, { nowMs, where: [{ dimension: 'model', values: [model] }] });
  expect(await narrowed('unpriced')).toMatchObject({ stat: { value: null }, note });
  // Hour by hour until noon, when there was something to save.
  const before = Array.from({ length: 12 }, () => '0.00');
  expect((await narrowed('unpriced')).stat?.trend).toEqual([...before, null]);
  expect((await narrowed('priced')).stat?.trend).toEqual([...before, '2.00']);
  expect(await narrowed('priced')).toMatchObject({ stat: { value: '2.00' } });
  expect((await narrowed('priced')).note).toBeUndefined();
  expect(await shown(figure, { nowMs })).toMatchObject({ stat: { value: '2.00' }, note });
  const models = await shown(bars({ figure: 'cache_savings', by: 'model', window: 'today', width: 6 }), { nowMs });
  expect(models.bars?.rows.map(({ label, value }) => [label, value])).toEqual([['priced', '2.00']]);
});
