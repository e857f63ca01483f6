import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDirectoryRecords } from '../../../collector/storage/postgres/directory-erasure.ts';
import { openDirectoryStore, readDirectory } from '../../../collector/storage/postgres/directory-store.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { createLedgerDatabase, targetAt } from '../../support/postgres-ledger.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { describeDirectory } from '../contract/directory/directory.ts';
import { login } from '../contract/directory/suite.ts';
import { connect, holding } from './beside-ledger.ts';

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'the directory', () => {
    let server: RunningPostgres;
    beforeAll(async () => {
      server = await startPostgres({ version });
    });
    afterAll(() => server?.destroy());

    describeDirectory(`PostgreSQL ${version}`, async () => {
      const target = targetAt(await createLedgerDatabase(server));
      return {
        open: () => openDirectoryStore(target),
        records: () => openDirectoryRecords(target),
        holding: (pattern) => holding(server, target, pattern),
        destroy: () => undefined,
      };
    });

    test('nothing is made by who only reads', async () => {
      const target = targetAt(await server.createDatabase());
      const reader = readDirectory(target);
      expect([await reader.revision(), await reader.stored()]).toEqual([0, { received: [], merges: [] }]);
      await reader.close();
      const database = connect(target);
      expect(await database.rows(`SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toEqual([]);
      await database.close();
    });

    test('texts that PostgreSQL cannot hold are kept all the same', async () => {
      const store = openDirectoryStore(targetAt(await server.createDatabase()));
      const body = { userName: 'a\0b', displayName: 'half \ud83d pair' };
      const write = () => store.changing((change) => change.write('User', 'a', body, [login('a\0b')], 1));
      expect([(await write()).body, (await write()).body]).toEqual([body, body]);
      expect((await store.stored()).received.map(({ value, toMs }) => [value, toMs])).toEqual([['a\ufffdb', Number.POSITIVE_INFINITY]]);
      expect(await store.resource('User', 'x\0')).toBeUndefined();
      expect(await store.changing((change) => change.remove('User', 'x\0', 1))).toBe(false);
      await store.close();
    });

    test('a database that is away is said to be', async () => {
      const store = openDirectoryStore({ user: 'nobody', database: 'none', hosts: [{ host: '127.0.0.1', port: 1 }] });
      await expect(store.revision()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('The database is away') });
      await store.close();
    });
  });
});
