import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { openTestLedger, targetAt } from '../../support/postgres-ledger.ts';
import { backendOf, hasExtension, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { describeLedger } from '../contract/ledger-contract.ts';
import { mistakesIn } from './statement-rules.ts';

const STATISTICS = 'pg_stat_statements';

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'the ledger', () => {
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

    // As in a database of many shards on the one, in one place on the other. What a query answers does not depend on what is moved into the roll-ups
    // already, nor rows on how many come at once.
    if (version === 15) describeLedger('as it is written, in four shards', (limits) => openTestLedger(server, { slots: 4 }, limits));
    else describeLedger('moved after each export', (limits) => openTestLedger(server, { afterEach: 'fold' }, { ...limits, pageRows: 2 }));

    // The last one: it judges what those before have run, but for what is joined where there is one shard.
    const judge = async () => {
      await ask((database) => database.run(`CREATE EXTENSION ${STATISTICS}`));
      const rows = await ask((database) => database.rows(`SELECT DISTINCT query FROM ${STATISTICS} WHERE query NOT LIKE 'WITH part_0 %'`));
      expect(rows.length).toBeGreaterThan(50);
      expect(rows.flatMap(({ query }) => mistakesIn(String(query)).map((mistake) => `${mistake}: ${query}`))).toEqual([]);
    };
    if (isCounted) test('is asked nothing that a database of many shards refuses', judge);
  });
});
