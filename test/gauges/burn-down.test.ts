/** What is left of a budget on each day: the last day of a period belongs to it. */
import { afterEach, expect, test } from '@jest/globals';
import type { Panel } from '../../collector/catalog/panel.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { WeekStart } from '../../collector/core/calendar.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { readPanels } from '../../collector/query/boards/answer.ts';
import { BoardQuery } from '../../collector/query/boards/board-query.ts';
import { evaluatePanel } from '../../collector/query/boards/evaluate.ts';
import { GaugeCache } from '../../collector/query/gauges/cache.ts';
import { gaugeLines } from '../../dashboards/panels/gauge.ts';
import { event } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

let ledger: TestLedger;
afterEach(() => ledger.destroy());

const BURN_DOWN: Panel = gaugeLines('budget_remaining', { title: 'Burn-down', by: ['budget'], reduce: 'max', width: 24 });

interface Case {
  readonly timeZone: string;
  readonly weekStart?: WeekStart;
  readonly period: string;
  /** Days from here, each with one USD spent at noon. */
  readonly from: string;
  readonly to: string;
  /** Left of 10 USD at the end of each day; the day after the last has begun, and nothing is spent in it. */
  readonly left: readonly number[];
}

const CASES: readonly Case[] = [
  // A Wednesday to the next Tuesday: the week ends on Sunday.
  { timeZone: 'UTC', period: 'week', from: '2026-11-18', to: '2026-11-24', left: [9, 8, 7, 6, 5, 9, 8, 8] },
  { timeZone: 'UTC', weekStart: 'sunday', period: 'week', from: '2026-11-20', to: '2026-11-23', left: [9, 8, 9, 8, 8] },
  { timeZone: 'UTC', period: 'day', from: '2026-11-20', to: '2026-11-22', left: [9, 9, 9, 10] },
  { timeZone: 'UTC', period: 'month', from: '2026-11-29', to: '2026-12-02', left: [9, 8, 9, 8, 8] },
  // The clock goes back on the 1st of November in New York, a Sunday, and forward on the 8th of March 2026.
  { timeZone: 'America/New_York', period: 'month', from: '2026-10-30', to: '2026-11-02', left: [9, 8, 9, 8, 8] },
  { timeZone: 'America/New_York', period: 'day', from: '2026-10-31', to: '2026-11-02', left: [9, 9, 9, 10] },
  { timeZone: 'America/New_York', period: 'week', from: '2026-03-07', to: '2026-03-09', left: [9, 8, 9, 9] },
  { timeZone: 'Asia/Kolkata', period: 'month', from: '2026-11-29', to: '2026-12-02', left: [9, 8, 9, 8, 8] },
];

test.each(CASES)('a $period in $timeZone from $from', async ({ timeZone, weekStart = 'monday', period, from, to, left }) => {
  ledger = await openTestLedger({ timeZone });
  const at = (day: Temporal.PlainDate, hour: number): number => day.toZonedDateTime({ timeZone, plainTime: { hour } }).epochMilliseconds;
  const [first, last] = [Temporal.PlainDate.from(from), Temporal.PlainDate.from(to)];
  const days = Array.from({ length: first.until(last).days + 1 }, (_, index) => first.add({ days: index }));
  const nowMs = at(last.add({ days: 1 }), 1);
  const entries = days.map((day) => event({ id: String(day), sessionId: String(day), cost: '1', timeMs: at(day, 12) }));
  await ledger.writer.append({ entries: [...entries, event({ id: 'now', sessionId: 'now', cost: '0', timeMs: nowMs })], receivedMs: nowMs });
  const config = configSchema.parse({ budgets: [{ name: 'all', amount_usd: '10', period }], timezone: timeZone, week_start: weekStart });
  const asked = new BoardQuery({
    timeRange: { fromMs: at(first, 0), toMs: at(last.add({ days: 2 }), 0) },
    where: [],
    calendar: { timeZone, weekStart },
    nowMs,
    rowsMax: 1_000,
  });
  const source = { reader: ledger.reader, scope: 'all', config, prices: loadPriceBook(), budgets: config.budgets, selfText: '' } as const;
  const answers = await readPanels([BURN_DOWN], asked, { ...source, gauges: new GaugeCache(() => 0) });
  expect(evaluatePanel(BURN_DOWN, 'budgets', answers).series?.series.map(({ values }) => values.map(Number))).toEqual([left]);
});
