import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { migrate } from '../../../collector/storage/postgres/schema.ts';
import { nowOf, wipe } from '../../../collector/storage/postgres/wipe.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { targetAt } from '../../support/postgres-ledger.ts';
import { type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { connect, holding } from './beside-ledger.ts';

describeWithBackend('postgres15', 'a wipe', () => {
  let server: RunningPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.destroy());

  test('leaves no name in the tables of the ledger, nor in what the planner knows of them', async () => {
    const target = targetAt(await server.createDatabase());
    const database = connect(target);
    await migrate(database);
    await database.run(
      `INSERT INTO dims (id, digest, "user") SELECT n, n, CASE WHEN n % 2 = 0 THEN 'ada@example.com' ELSE 'bob@example.com' END FROM generate_series(1, 50) n`,
    );
    await database.run(`INSERT INTO dimension_values SELECT 'user', 'ada@example.com', 1, true`);
    await database.run('ANALYZE');
    const known = async () => (await database.rows(`SELECT 1 FROM pg_stats WHERE most_common_vals::text LIKE '%ada@%'`)).length;
    expect(await known()).toBeGreaterThan(0);
    await database.run(`UPDATE dims SET "user" = 'erased-1' WHERE "user" = 'ada@example.com'`);
    await database.run(`UPDATE dimension_values SET value = 'erased-1' WHERE value = 'ada@example.com'`);
    expect(await wipe(database, await nowOf(database))).toBe(true);
    expect(await known()).toBe(0);
    await database.run('VACUUM FULL pg_statistic');
    expect(await holding(server, target, /ada@/)).toEqual([]);
    await database.close();
  });
});
