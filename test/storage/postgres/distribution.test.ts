/** How tables are laid out on Citus: what its rules demand of the DDL here, and the same on a real one where TEST_CITUS_URL names an empty database of it. */
import { describe, expect, test } from '@jest/globals';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { DISTRIBUTION, distribute, statementOf } from '../../../collector/storage/postgres/distribution.ts';
import { initTables } from '../../../collector/storage/postgres/init.ts';
import { migrate } from '../../../collector/storage/postgres/schema.ts';
import { describeWithBackend, SKIPPED } from '../../support/backends.ts';
import { targetAt } from '../../support/postgres-ledger.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import { BY_DIMS, BY_SLOT } from './statement-rules.ts';

const TIMEOUT_MS = 240_000;
const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;

test('what statements are judged by is how tables are distributed', () => {
  const by = (column: 'slot' | 'dims' | undefined) => DISTRIBUTION.filter((one) => one.column === column).map(({ table }) => table);
  expect(by('slot')).toEqual(BY_SLOT);
  expect(by('dims')).toEqual(BY_DIMS);
  expect(by(undefined)).toEqual(['dims']);
});

test('tables that are joined lie together, beside one that is made before', () => {
  for (const [index, { table, column, beside }] of DISTRIBUTION.entries()) {
    const before = DISTRIBUTION.slice(0, index).filter((one) => one.column === column);
    expect({ table, beside }).toEqual({ table, beside: column === undefined ? undefined : before[0]?.table });
  }
});

test('the statements', () => {
  expect(DISTRIBUTION.slice(0, 3).map(statementOf)).toEqual([
    "SELECT create_reference_table('dims')",
    "SELECT create_distributed_table('sessions', 'slot', shard_count => 32, colocate_with => 'none')",
    "SELECT create_distributed_table('entries', 'slot', colocate_with => 'sessions')",
  ]);
});

describeWithBackend('postgres15', 'the keys of distributed tables', () => {
  test(
    'have the column by which their rows are kept',
    async () => {
      const server = await startPostgres();
      const database = new Database(targetAt(await server.createDatabase()), { name: 'test', max: 1, wants: 'primary', statementMs: 0 });
      try {
        await migrate(database, { slots: 32 });
        const rows = await database.rows(
          `SELECT i.indrelid::regclass::text AS "table", array_agg(a.attname::text) AS columns FROM pg_index i
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) WHERE i.indisunique GROUP BY i.indexrelid, i.indrelid`,
        );
        for (const { table, column } of DISTRIBUTION) {
          const keys = rows.filter((row) => row.table === table).map((row) => row.columns);
          expect({ table, keys: keys.length }).toEqual({ table, keys: 1 });
          if (column !== undefined) expect(keys[0]).toContain(column);
        }
      } finally {
        await database.close();
        await server.destroy();
      }
    },
    TIMEOUT_MS,
  );
});

const url = process.env.TEST_CITUS_URL;

const onCitus = () =>
  test(
    'makes a ledger in 32 shards, once',
    async () => {
      const target = targetAt(url ?? '');
      expect(await initTables({ target, ...CALENDAR, isCitus: true })).toMatchObject({
        slots: 32,
        distributed: DISTRIBUTION.map(({ table }) => table),
      });
      expect(await initTables({ target, ...CALENDAR, isCitus: false })).toMatchObject({ slots: 32, distributed: [] });
      const database = new Database(target, { name: 'test', max: 1, wants: 'primary', statementMs: 0 });
      expect(await distribute(database)).toEqual([]);
      await database.close();
    },
    TIMEOUT_MS,
  );

if (url === undefined) describe.skip(`Citus [${SKIPPED}TEST_CITUS_URL is not set]`, onCitus);
else describe('Citus', onCitus);
