import { afterAll, beforeAll, describe } from '@jest/globals';
import { openWriter } from '../../../collector/storage/postgres/ledger-writer.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { targetAt } from '../../support/postgres-ledger.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { describeWriter } from '../contract/writer-contract.ts';
import { CALENDAR } from './writing.ts';

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'the writer', () => {
    let server: RunningPostgres;
    beforeAll(async () => {
      server = await startPostgres({ version });
    });
    afterAll(() => server?.destroy());
    const open = async () => {
      const writer = await openWriter({ ...CALENDAR, target: targetAt(await server.createDatabase()) });
      return { writer, destroy: () => writer.close() };
    };
    describeWriter('PostgreSQL', open, 'elsewhere');
  });
});
