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

    describeLedger('as it is written', (limits) => openTestLedger(server, {}, limits));

    // What a query answers does not depend on what is moved into the roll-ups already, nor rows on how many come at once.
    describeLedger('moved after each export', (limits) => openTestLedger(server, { afterEach: 'fold' }, { ...limits, pageRows: 2 }));

    // The last one: it judges what those before have run.
    const judge = async () => {
      const database = new Database(targetAt(server.urlOf('postgres')), { name: 'test', max: 1, wants: 'primary', statementMs: 0 });
      await database.run(`CREATE EXTENSION ${STATISTICS}`);
      const statements = (await database.rows(`SELECT DISTINCT query FROM ${STATISTICS}`)).map(({ query }) => String(query));
      await database.close();
      expect(statements.length).toBeGreaterThan(100);
      expect(statements.flatMap((text) => mistakesIn(text).map((mistake) => `${mistake}: ${text}`))).toEqual([]);
    };
    if (isCounted) test('is asked nothing that a database of many shards refuses', judge);
  });
});
