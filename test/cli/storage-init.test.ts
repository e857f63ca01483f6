/** `ledgerline storage init` on a real PostgreSQL. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { leaseDatabase } from '../storage/postgres/lease-database.ts';
import { describeWithBackend } from '../support/backends.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { printed } from './command.ts';

const TIMEOUT_MS = 240_000;
const init = (url: string | undefined, ...more: readonly string[]): Promise<string> =>
  printed(['storage', 'init', ...more], { env: url === undefined ? {} : { LEDGERLINE_STORAGE_URL: url } });

test('a ledger in files has no tables to make', async () => {
  await expect(init(undefined)).rejects.toThrow('The ledger is in files');
});

describeWithBackend('postgres15', 'making tables', () => {
  let server: RunningPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  }, TIMEOUT_MS);
  afterAll(() => server?.destroy());

  test(
    'makes them once, and says what it did',
    async () => {
      const url = await server.createDatabase();
      expect(await init(url)).toBe('Made the tables of a ledger, version 2.');
      expect(await init(url)).toBe('The tables are of version 2: nothing to change.');
      const database = leaseDatabase(url);
      expect(await database.arrays(`SELECT value FROM meta WHERE name = 'slots'`)).toEqual([['1']]);
      await database.close();
    },
    TIMEOUT_MS,
  );

  test(
    'refuses --citus without the extension, and makes nothing',
    async () => {
      const url = await server.createDatabase();
      await expect(init(url, '--citus')).rejects.toMatchObject({
        message: 'The extension citus is not in this database.',
        hint: expect.stringContaining('CREATE EXTENSION citus'),
      });
      const database = leaseDatabase(url);
      expect(await database.arrays(`SELECT to_regclass('meta')`)).toEqual([[null]]);
      await database.close();
    },
    TIMEOUT_MS,
  );

  test(
    'refuses another time zone than that of the ledger',
    async () => {
      const url = await server.createDatabase();
      await init(url);
      const other = printed(['storage', 'init'], { env: { LEDGERLINE_STORAGE_URL: url, LEDGERLINE_TIMEZONE: 'Asia/Kolkata' } });
      await expect(other).rejects.toThrow(`The ledger's days are cut in another calendar`);
    },
    TIMEOUT_MS,
  );
});
