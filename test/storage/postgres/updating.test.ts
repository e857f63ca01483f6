/** Tables that are updated while others use them, by this version and a later one. */
import { expect, test } from '@jest/globals';
import { FINEST } from '../../../collector/ledger/rollups.ts';
import { BesideLedger } from '../../../collector/storage/postgres/beside-ledger.ts';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { openTables } from '../../../collector/storage/postgres/opening.ts';
import { COARSER, migrate } from '../../../collector/storage/postgres/schema.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { waitFor } from '../../support/wait.ts';
import { CALENDAR, useDatabase } from './writing.ts';

describeWithBackend(['postgres15'], 'tables that are updated', () => {
  const ledger = useDatabase();

  test('hold up nobody while one of them is in use, and are updated when it is free', async () => {
    const [first, last] = [FINEST.table, COARSER.at(-1)?.table ?? ''];
    for (const table of [first, last]) await ledger.database.run(`ALTER TABLE ${table} DROP COLUMN cost CASCADE`);
    const reader = new Database(ledger.target, { name: 'reader', max: 1, wants: 'primary', statementMs: 5_000 });
    const said: string[] = [];
    const updated = ledger.database.transaction(async (sql) => {
      await sql.rows(`SELECT 1 FROM ${last} LIMIT 1`);
      const updating = openTables({ target: ledger.target, ...CALENDAR }, { onWaiting: (sentence) => said.push(sentence) });
      await waitFor('an update that waits', () => said.length > 0);
      // Whatever it tries meanwhile.
      for (const until = said.length + 2; said.length < until; ) {
        for (const table of [first, last]) await reader.rows(`SELECT 1 FROM ${table} LIMIT 1`);
      }
      return { updating };
    });
    await (await updated).updating;
    await reader.close();
    expect(said[0]).toMatch(
      /^The tables of the ledger have to be updated, and are in use by process \d+ of the database \(ledgerline test, user \w+, since .+\)\.$/,
    );
    for (const table of [first, last]) expect(await ledger.count(`${table} WHERE cost > 0`)).toBe(0);
  });

  test('and views for others hold up none of their readers', async () => {
    const view = 'ledgerline_read.quarter_hour';
    await ledger.database.run(`UPDATE meta SET value = 'of another version' WHERE name = 'read_schema'`);
    const reader = new Database(ledger.target, { name: 'reader', max: 1, wants: 'primary', statementMs: 5_000 });
    const said: string[] = [];
    const held = await ledger.database.transaction(async (sql) => {
      await sql.rows(`SELECT 1 FROM ${view} LIMIT 1`);
      const updating = openTables({ target: ledger.target, ...CALENDAR }, { onWaiting: (sentence) => said.push(sentence) });
      await waitFor('an update that waits', () => said.length > 0);
      while (said.length < 3) await reader.rows(`SELECT 1 FROM ${view} LIMIT 1`);
      return { updating };
    });
    await held.updating;
    await reader.close();
    expect(await ledger.count(`meta WHERE name = 'read_schema' AND value = 'of another version'`)).toBe(0);
  });

  test('of a later version are written by what is kept beside the ledger, and started on by nobody', async () => {
    await ledger.database.run('UPDATE schema_version SET version = 1000');
    const beside = new BesideLedger(ledger.target, 'test');
    await beside.write((sql) => sql.run(`INSERT INTO kept_files VALUES ('a', 'b', 1)`));
    expect(await beside.read(0, async (sql) => (await sql.rows('SELECT 1 FROM kept_files')).length)).toBe(1);
    await beside.close();
    await expect(migrate(ledger.database)).rejects.toThrow('written by a newer Ledgerline');
    await expect(ledger.open()).rejects.toThrow('written by a newer Ledgerline');
  });
});
