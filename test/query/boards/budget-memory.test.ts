/** Budgets are evaluated once for each state of the ledger, of the budgets and of the minute. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Budget } from '../../../collector/budgets/journal.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { loadPriceBook } from '../../../collector/pricing/load.ts';
import { BudgetMemory } from '../../../collector/query/boards/budget-memory.ts';
import type { GaugeContext } from '../../../collector/query/gauges/gauge.ts';
import { answering } from '../../support/answering.ts';
import { event, NOON } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';

const config = configSchema.parse({ budgets: [{ name: 'all', scope: {}, period: 'month', amount_usd: '100.00' }] });
const budgets: readonly Budget[] = config.budgets;

let ledger: TestLedger;
let queries = 0;
beforeAll(async () => {
  ledger = await openTestLedger();
  await book('1');
});
afterAll(() => ledger.destroy());

const book = (cost: string): Promise<unknown> =>
  ledger.writer.append({ entries: [event({ id: cost, sessionId: cost, cost, timeMs: NOON - 60_000 })], receivedMs: NOON });

/** What was spent, and whether the ledger was asked for it. */
async function read(memory: BudgetMemory, { revision = 0, ...more }: Partial<GaugeContext> & { readonly revision?: number } = {}) {
  const before = queries;
  const reader = answering(ledger.reader, {
    query(query) {
      queries++;
      return ledger.reader.query(query);
    },
  });
  const calendar = { timeZone: 'UTC', weekStart: 'monday' } as const;
  const context: GaugeContext = { reader, scope: 'all', config, prices: loadPriceBook(), budgets, calendar, nowMs: NOON, where: [], ...more };
  const { statuses } = await memory.read(25, revision, context);
  return { spent: statuses.map(({ spent }) => spent), isAsked: queries > before };
}

test('budgets are read again when something was booked, a budget was changed, a minute has passed or names were erased, and else not', async () => {
  const memory = new BudgetMemory();
  const [one, three] = [1_000_000_000_000n, 3_000_000_000_000n];
  expect(await read(memory)).toEqual({ spent: [one], isAsked: true });
  expect(await read(memory)).toEqual({ spent: [one], isAsked: false });
  expect(await read(memory, { nowMs: NOON + 59_999 })).toEqual({ spent: [one], isAsked: false });
  expect(await read(memory, { where: [{ dimension: 'team', values: ['a'] }] })).toEqual({ spent: [], isAsked: false });
  expect(await read(memory, { scope: [{ dimension: 'team', values: ['a'] }] })).toEqual({ spent: [], isAsked: false });
  expect(await read(memory, { revision: 1, budgets: [...budgets, ...budgets] })).toEqual({ spent: [one, one], isAsked: true });
  expect(await read(memory, { nowMs: NOON + 60_000 })).toEqual({ spent: [one], isAsked: true });
  await book('2');
  expect(await read(memory)).toEqual({ spent: [three], isAsked: true });
  memory.clear();
  expect(await read(memory)).toEqual({ spent: [three], isAsked: true });
});
