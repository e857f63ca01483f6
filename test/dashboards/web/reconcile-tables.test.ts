/** Parts of a reconciliation as tables of the page: they say what the ledger says of the same sums. */
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RECONCILE, type ReconciliationAnswer } from '../../../collector/query/reconcile.ts';
import { readStatements } from '../../../collector/storage/sqlite/statement-store.ts';
import { daysOf, placesTable } from '../../../dashboards/web/reconcile-tables.ts';
import { openQuestioned, type Questioned } from '../../query/put-question.ts';
import { ENTRIES, LINES, NOVEMBER_14 } from '../../query/reconcile/month.ts';
import { event } from '../../support/entries.ts';
import { bring } from '../../support/statements.ts';

let ledger: Questioned;
let file: string;

beforeAll(async () => {
  ledger = await openQuestioned(NOVEMBER_14);
  file = join(dirname(ledger.ledger.file), 'statements.sqlite');
  // The same place as in October, of a day that no import has yet.
  const today = event({ id: 'today', cost: '3.00', model: 'claude-opus-5-5', timeMs: NOVEMBER_14 - 3_600_000, sessionId: 'session of today' });
  await ledger.append(...ENTRIES, { ...today, dimensions: { ...today.dimensions, workspace: 'api', provider: 'firstParty' } });
  await bring(file, 'anthropic-analytics', LINES);
});
afterAll(() => ledger.close());

async function reconcile(words: string): Promise<ReconciliationAnswer> {
  const asking = { ...ledger.asking, statements: () => readStatements(file) };
  return (await RECONCILE.respond({ parameters: new URLSearchParams(words) }, asking)).answer;
}

test('a place that goes on today keeps what is billed of it', async () => {
  const range = 'since=2026-10-05&until=2026-11-14';
  const places = placesTable((await reconcile(range)).rows);
  const { rows } = await reconcile(`${range}&by=workspace,model`);
  expect(places.columns.map(({ title }) => title)).toEqual(['Workspace', 'Model', 'Reported', 'List', 'Billed', 'Remainder']);
  const known = rows.map((row) => [row.workspace, row.model, row.reported_usd, row.list_usd, row.billed_usd, row.remainder_usd].map(String));
  expect(places.rows.map(({ cells }) => cells.map(String)).sort()).toEqual(known.sort());
  const opus = places.rows.find(({ cells: [workspace, model] }) => workspace === 'api' && model === 'claude-opus-5-5');
  expect(opus?.cells[4]).toBe('13.11');
});

test('of a day that was not imported nothing is known to be billed', async () => {
  const days = daysOf((await reconcile('since=2026-10-05&until=2026-11-14')).rows);
  expect(days.map(({ day, values }) => [day, values[2]])).toEqual([
    ['2026-10-05', expect.any(String)],
    ['2026-10-06', expect.any(String)],
    ['2026-11-14', null],
  ]);
});
