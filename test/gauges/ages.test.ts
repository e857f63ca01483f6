/** An age is that of the instant that the row is about: of several samples the last, or the first, decides before it becomes an age. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { configSchema } from '../../collector/config/config.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { readPanels } from '../../collector/query/boards/answer.ts';
import { BoardQuery } from '../../collector/query/boards/board-query.ts';
import { evaluatePanel } from '../../collector/query/boards/evaluate.ts';
import { GaugeCache } from '../../collector/query/gauges/cache.ts';
import { gaugeStat, gaugeTable } from '../../dashboards/panels/gauge.ts';
import { event, NOON } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

const HOUR = 3_600_000;

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await openTestLedger();
  // Ada works for two organizations, in teams of one name: for beta for the last time an hour ago, for acme two days ago.
  const seen = (organization: string, hours: number) =>
    event({ id: `${hours}`, sessionId: `${hours}`, user: 'ada', team: 'core', timeMs: NOON - hours * HOUR, dimensions: { organization } });
  await ledger.writer.append({ entries: [seen('acme', 72), seen('acme', 48), seen('beta', 24), seen('beta', 1)], receivedMs: NOON });
});
afterAll(() => ledger.destroy());

test.each([
  ['user_last_seen', 'max', 1 * HOUR],
  ['user_first_seen', 'min', 72 * HOUR],
] as const)('%s of a user in two organizations', async (name, reduce, ageMs) => {
  const options = { title: 'Seen', reduce, as: 'age', width: 8 } as const;
  const panels = [gaugeTable([name], { ...options, id: 'rows', by: ['user', 'team'] }), gaugeStat(name, { ...options, id: 'one' })];
  const config = configSchema.parse({});
  const calendar = { timeZone: 'UTC', weekStart: 'monday' } as const;
  const asked = new BoardQuery({ timeRange: {}, where: [], calendar, nowMs: NOON, rowsMax: 1_000 });
  const source = { reader: ledger.reader, scope: 'all', config, prices: loadPriceBook(), budgets: [], selfText: '' } as const;
  const answers = await readPanels(panels, asked, { ...source, gauges: new GaugeCache(() => 0) });
  const [rows, one] = panels.map((panel) => evaluatePanel(panel, 'board', answers));
  expect(rows?.table?.rows.map(({ cells }) => cells)).toEqual([['ada', 'core', ageMs / 1000]]);
  expect(one?.stat?.value).toBe(ageMs / 1000);
});
