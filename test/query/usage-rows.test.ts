/** Pages of rows that know of when they are, within what a reader may see. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Row } from '../../collector/ledger/ledger.ts';
import { scopedReader } from '../../collector/query/scoped-reader.ts';
import { type UsagePage, usageRows } from '../../collector/query/usage-rows.ts';
import { event, NOON, usd } from '../support/entries.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

const QUERY = { measures: ['cost'], by: ['team'], grain: 'day', timeZone: 'UTC', where: [] } as const;
const DAY = 86_400_000;
let ledger: TestLedger;
beforeEach(async () => {
  ledger = await openTestLedger();
});
afterEach(() => ledger.destroy());

/** The rows of all pages, and what these say the instant is. */
async function read(pages: AsyncIterable<UsagePage>) {
  const rows: Row[] = [];
  const instants = new Set<number | undefined>();
  for await (const page of pages) {
    rows.push(...page.rows);
    instants.add(page.asOfMs);
  }
  return { rows, asOf: [...instants] };
}

test('an empty ledger answers one page without rows and without an instant', async () => {
  expect(await read(usageRows(QUERY, ledger.reader))).toEqual({ rows: [], asOf: [undefined] });
});

test('every page says when the ledger last committed, and a reader sees the rows of its scope', async () => {
  await ledger.writer.append({ receivedMs: NOON + DAY, entries: [event({ id: 'a' }), event({ id: 'b', team: 'data', timeMs: NOON + DAY })] });
  const { asOfMs } = await ledger.reader.status();
  const startMs = Math.floor(NOON / DAY) * DAY;
  const rows = [
    { startMs, key: ['platform'], values: [usd('0.01')] },
    { startMs: startMs + DAY, key: ['data'], values: [usd('0.01')] },
  ];
  expect(await read(usageRows(QUERY, ledger.reader))).toEqual({ rows, asOf: [asOfMs] });
  const ofData = scopedReader(ledger.reader, [{ dimension: 'team', values: ['data'] }]);
  expect(await read(usageRows(QUERY, ofData))).toEqual({ rows: rows.slice(1), asOf: [asOfMs] });
  expect(await read(usageRows({ ...QUERY, toMs: startMs }, ofData))).toEqual({ rows: [], asOf: [asOfMs] });
});
