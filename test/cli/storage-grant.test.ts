/** `ledgerline storage grant-grafana` on a real PostgreSQL. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { followReadSchema } from '../../collector/storage/postgres/read-schema.ts';
import { migrate } from '../../collector/storage/postgres/schema.ts';
import { leaseDatabase } from '../storage/postgres/lease-database.ts';
import { describeWithBackend } from '../support/backends.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { printed } from './command.ts';

const grant = (url: string | undefined, ...more: readonly string[]): Promise<string> =>
  printed(['storage', 'grant-grafana', ...more], { env: url === undefined ? {} : { LEDGERLINE_STORAGE_URL: url } });

test('a ledger in files has nothing to grant', async () => {
  await expect(grant(undefined, '--role', 'grafana')).rejects.toThrow('The ledger is in files, which nobody else can read.');
});

describeWithBackend('postgres15', 'granting a role', () => {
  let server: RunningPostgres;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres();
    url = await server.createDatabase();
  }, 240_000);
  afterAll(() => server?.destroy());

  test('says what is missing, then what was done', async () => {
    await expect(grant(url, '--role', 'reader')).rejects.toMatchObject({ hint: expect.stringContaining('Start a collector of this version once') });
    const database = leaseDatabase(url);
    try {
      await migrate(database);
      await database.transaction((sql) => followReadSchema(sql, { timeZone: 'UTC', weekStart: 'monday' }));
      await expect(grant(url, '--role', 'reader')).rejects.toMatchObject({ hint: expect.stringContaining('Make the role first') });
      await database.run('CREATE ROLE reader LOGIN');
      expect(await grant(url, '--role', 'reader')).toBe('reader may read the views of ledgerline_read, and nothing else.');
      const privileges = ['ledgerline_read.gauges', 'entries'].map((table) => `has_table_privilege('reader', '${table}', 'SELECT')`);
      expect(await database.arrays(`SELECT ${privileges.join()}`)).toEqual([[true, false]]);
    } finally {
      await database.close();
    }
  }, 240_000);

  test('prints the statements for an administrator', async () => {
    const text = await grant(url, '--role', `o'brien "x"`, '--print');
    expect(text).toContain('GRANT SELECT ON ALL TABLES IN SCHEMA ledgerline_read TO "o\'brien ""x""";');
    expect(text).toMatch(/ALTER DEFAULT PRIVILEGES FOR ROLE "\w+" IN SCHEMA ledgerline_read GRANT SELECT/);
    expect(text).toContain('SET default_transaction_read_only = on;');
  });
});
