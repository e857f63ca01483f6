/**
 * The ledger's suites on a real Citus, where TEST_CITUS_URL names a database of it that may be emptied: all that is in its schema public is
 * dropped before each test. It takes long, and is run apart from the others.
 */
import { describe, test } from '@jest/globals';
import type { CalendarOptions } from '../../../collector/core/calendar.ts';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { initTables } from '../../../collector/storage/postgres/init.ts';
import { SKIPPED } from '../../support/backends.ts';
import { openIn, targetAt } from '../../support/postgres-ledger.ts';
import { describeLedger } from '../contract/ledger-contract.ts';

const CALENDAR: CalendarOptions = { timeZone: 'UTC', weekStart: 'monday' };
const url = process.env.TEST_CITUS_URL;

async function empty(): Promise<void> {
  const database = new Database(targetAt(url ?? ''), { name: 'test', max: 1, wants: 'primary', statementMs: 0 });
  for (const schema of ['ledgerline_read', 'public']) await database.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await database.run('CREATE SCHEMA public');
  await database.close();
}

const onCitus = () =>
  describeLedger('Citus', async (limits) => {
    await empty();
    const target = targetAt(url ?? '');
    await initTables({ target, ...CALENDAR, isCitus: true });
    return openIn({ target, drop: async () => undefined }, {}, limits ?? {});
  });

// One line of the summary, not one for each of their tests.
if (url === undefined) test.skip(`the suites of the ledger on Citus [${SKIPPED}TEST_CITUS_URL is not set]`, onCitus);
else describe('the ledger', onCitus);
