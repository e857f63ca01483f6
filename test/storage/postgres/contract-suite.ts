/** The contract of a ledger on a server of PostgreSQL, and a verdict on all statements that this took. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { type TestLedger, targetAt } from '../../support/postgres-ledger.ts';
import { backendOf, hasExtension, type PostgresVersion, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { describeLedger } from '../contract/ledger-contract.ts';
import type { SnapshotLimits } from '../contract/ledger-under-test.ts';
import { mistakesIn } from './statement-rules.ts';

const STATISTICS = 'pg_stat_statements';

type Open = (server: RunningPostgres, limits?: SnapshotLimits) => Promise<TestLedger>;

export function describeOnPostgres(version: PostgresVersion, title: string, open: Open): void {
  describe(`PostgreSQL ${version}`, () => {
    describeWithBackend(backendOf(version), 'the ledger', () => describeContract(version, title, open));
  });
}

function describeContract(version: PostgresVersion, title: string, open: Open): void {
  const isCounted = hasExtension(version, STATISTICS);
  let server: RunningPostgres;
  beforeAll(async () => {
    const settings = isCounted ? [`shared_preload_libraries=${STATISTICS}`, `${STATISTICS}.max=20000`] : [];
    server = await startPostgres({ version, settings });
  });
  afterAll(() => server?.destroy());

  const ask = async <Answer>(question: (database: Database) => Promise<Answer>): Promise<Answer> => {
    const database = new Database(targetAt(server.urlOf('postgres')), { name: 'test', max: 1, wants: 'primary', statementMs: 0 });
    return question(database).finally(() => database.close());
  };

  describeLedger(title, (limits) => open(server, limits));

  // The last one: it judges what those before have run, but for what is joined where there is one shard.
  const judge = async () => {
    await ask((database) => database.run(`CREATE EXTENSION ${STATISTICS}`));
    const rows = await ask((database) => database.rows(`SELECT DISTINCT query FROM ${STATISTICS} WHERE query NOT LIKE 'WITH part_0 %'`));
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.flatMap(({ query }) => mistakesIn(String(query)).map((mistake) => `${mistake}: ${query}`))).toEqual([]);
  };
  if (isCounted) test('is asked nothing that a database of many shards refuses', judge);
}
