/** What panels need is asked before they are computed, and the same rows once. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LedgerQuery, Panel } from '../../../collector/catalog/panel.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { periodAround } from '../../../collector/core/time-range.ts';
import type { Query } from '../../../collector/ledger/ledger.ts';
import { loadPriceBook } from '../../../collector/pricing/load.ts';
import { readPanels } from '../../../collector/query/boards/answer.ts';
import { BoardQuery } from '../../../collector/query/boards/board-query.ts';
import { evaluatePanel } from '../../../collector/query/boards/evaluate.ts';
import { GaugeCache } from '../../../collector/query/gauges/cache.ts';
import { answering } from '../../support/answering.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';

const UTC = { timeZone: 'UTC', weekStart: 'monday' } as const;
const config = configSchema.parse({});
const asked = new BoardQuery({ timeRange: periodAround('month', NOON, UTC), where: [], calendar: UTC, nowMs: NOON, rowsMax: 1_000 });

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await openTestLedger();
  const users = Array.from({ length: 12 }, (_, index) => event({ id: `${index}`, sessionId: `${index}`, user: `u${index}`, cost: `${index + 1}` }));
  await ledger.writer.append({ entries: users, receivedMs: NOON });
});
afterAll(() => ledger.destroy());

const panel = (id: string, visualization: Panel['visualization'], query: Partial<LedgerQuery>): Panel => ({
  ...{ id, title: id, description: '', visualization, unit: 'usd', width: 4, height: 4 },
  query: { source: 'ledger', figures: ['cost'], by: [], window: 'range', ...query },
});

/** The panels' data, and every query that it took. */
async function read(...panels: Panel[]) {
  const queries: Query[] = [];
  const reader = answering(ledger.reader, {
    query(query) {
      queries.push(query);
      return ledger.reader.query(query);
    },
  });
  const gauges = new GaugeCache(() => 0);
  const answers = await readPanels(panels, asked, { reader, scope: 'all', config, prices: loadPriceBook(), budgets: [], selfText: '', gauges });
  const read = queries.length;
  const data = panels.map((one) => evaluatePanel(one, 'board', answers));
  expect(queries).toHaveLength(read);
  return { data, queries };
}

test('the same rows are asked once, for the figures of every panel', async () => {
  const { queries, data } = await read(
    panel('cost', 'bars', { by: ['user'] }),
    panel('requests', 'bars', { by: ['user'], figures: ['requests'] }),
    panel('both', 'table', { by: ['user'], figures: ['requests', 'cost', 'input_tokens'] }),
  );
  expect(queries.map(({ measures, by }) => ({ measures, by }))).toEqual([{ measures: ['cost', 'requests', 'input_tokens'], by: ['user'] }]);
  expect(data.map(({ bars }) => bars?.total)).toEqual(['78.00', 12, undefined]);
});

test('the largest groups are found first, and only their bars are asked for', async () => {
  const { queries, data } = await read(panel('users', 'timeseries', { by: ['user'] }));
  expect(queries.map(({ grain, by, where, whereNot }) => [grain, by.length, where[0]?.values.length, whereNot?.[0]?.values.length])).toEqual([
    ['total', 1, undefined, undefined],
    ['day', 1, 8, undefined],
    ['day', 0, undefined, 8],
  ]);
  const [series] = data.map((one) => one.series);
  expect(series?.series.map(({ label }) => label)).toEqual(['u11', 'u10', 'u9', 'u8', 'u7', 'u6', 'u5', 'u4', 'other']);
  expect(series?.series.at(-1)).toMatchObject({ total: '10.00', rest: 4 });
  expect(usd(String(series?.total))).toBe(usd('78'));
});

test('a panel that was not planned is an error, not a question', async () => {
  const answers = await readPanels([], asked, {
    ...{ reader: ledger.reader, scope: 'all', config, prices: loadPriceBook(), budgets: [], selfText: '' },
    gauges: new GaugeCache(() => 0),
  });
  expect(() => evaluatePanel(panel('cost', 'stat', {}), 'board', answers)).toThrow('A panel needs what its plan does not ask for');
});
