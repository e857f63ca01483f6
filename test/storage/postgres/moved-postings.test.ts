/** What was posted elsewhere for closed months, of many records. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MEASURES } from '../../../collector/catalog/measures.ts';
import { Database, READ_ONLY, type Transaction } from '../../../collector/storage/postgres/connection.ts';
import { readMoved } from '../../../collector/storage/postgres/moved-postings.ts';
import { migrate } from '../../../collector/storage/postgres/schema.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { targetAt } from '../../support/postgres-ledger.ts';
import { type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';

const ROWS = 12_345;

/** The same transaction, which notes how many rows come at once. */
function noting(sql: Transaction, counts: number[]): Transaction {
  const noted = <Answer extends readonly unknown[]>(rows: Answer): Answer => {
    counts.push(rows.length);
    return rows;
  };
  return {
    rows: async (text, values) => noted(await sql.rows(text, values)),
    arrays: async (text, values) => noted(await sql.arrays(text, values)),
    run: (text, values) => sql.run(text, values),
    async *pages(text, values, rowsAtOnce) {
      for await (const page of sql.pages(text, values, rowsAtOnce)) yield noted(page);
    },
  };
}

describeWithBackend(['postgres15'], 'moved postings on PostgreSQL', () => {
  let server: RunningPostgres;
  let database: Database;
  beforeAll(async () => {
    server = await startPostgres();
    database = new Database(targetAt(await server.createDatabase()), { name: 'test', max: 2, wants: 'primary', statementMs: 30_000 });
    await migrate(database);
  });
  afterAll(async () => {
    await database?.close();
    await server?.destroy();
  });

  test('are read some at a time, however many there are', async () => {
    await database.run(`INSERT INTO dims (id, digest, team) VALUES (1, 'a', 'platform'), (2, 'b', 'data')`);
    await database.run(
      `INSERT INTO moved_postings (to_quarter, from_quarter, dims, replica, month, at_ms, sums)
       SELECT 100, n, 1 + n % 2, 1, '2026-11', n, $2 FROM generate_series(1, $1::int) AS n`,
      [ROWS, `${MEASURES.cost.id}=3`],
    );
    const counts: number[] = [];
    const read = (sql: Transaction) => readMoved(noting(sql, counts), { by: ['team', 'user'], rowsMax: 2 });
    expect(await database.transaction(read, { begin: READ_ONLY })).toEqual([
      { month: '2026-11', key: ['data', ''], sums: { cost: 3n * 6_173n }, lastMs: ROWS },
      { month: '2026-11', key: ['platform', ''], sums: { cost: 3n * 6_172n }, lastMs: ROWS - 1 },
    ]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(ROWS);
    expect(Math.max(...counts)).toBe(1_000);
  });
});
