/** What is made before an export's transaction is durable only with it: a database that fails in between has it no more. */
import { expect, test } from '@jest/globals';
import { describeWithBackend } from '../../support/backends.ts';
import { waitFor } from '../../support/wait.ts';
import { append, failAt, useDatabase } from './writing.ts';

const CENT = 10_000_000_000n;

describeWithBackend(['postgres18'], 'a database that fails within the transaction of an export', () => {
  // Nothing is written to its log but with a commit that waits for it.
  const ledger = useDatabase({ version: 18, settings: ['wal_writer_delay=10s'] });

  test('has no sums of combinations of dimensions that it does not know', async () => {
    const writer = await ledger.open();
    await failAt(ledger.database, 'recent', 1, 'PERFORM pg_sleep(60)');
    const appending = append(writer, 'a');
    const sleeping = `SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'`;
    await waitFor('the transaction', async () => (await ledger.database.rows(sleeping)).length > 0);
    await ledger.server.stop('immediate');
    await ledger.server.start();
    // The number of the failure was lost, too.
    await ledger.database.run('DROP TRIGGER fail ON recent').catch(() => undefined);
    expect(await appending).toMatchObject({ appended: 1 });
    const unknown = (table: string) => ledger.count(`${table} t WHERE NOT EXISTS (SELECT 1 FROM dims d WHERE d.id = t.dims)`);
    expect([await unknown('recent'), await unknown('entries')]).toEqual([0, 0]);
    expect(await ledger.count('sessions WHERE rev > 0')).toBe(1);
    expect(await ledger.count('dimension_values')).toBeGreaterThan(0);
    expect(await ledger.costs()).toMatchObject({ entries: CENT, recent: CENT });
  });
});
