import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadKey } from '../../../collector/app/kept-key.ts';
import { type Config, configSchema } from '../../../collector/config/config.ts';
import { KEPT_FILES } from '../../../collector/config/data-folder.ts';
import { openKeptFiles } from '../../../collector/storage/postgres/kept-files.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { createLedgerDatabase, targetAt } from '../../support/postgres-ledger.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { describeKeptFiles } from '../contract/kept-files.ts';
import { connect } from './beside-ledger.ts';

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'small files', () => {
    let server: RunningPostgres;
    let folder: string;
    beforeAll(async () => {
      server = await startPostgres({ version });
      folder = mkdtempSync(join(tmpdir(), 'ledgerline-kept-'));
    });
    afterAll(async () => {
      rmSync(folder, { recursive: true });
      await server?.destroy();
    });

    describeKeptFiles(`PostgreSQL ${version}`, async () => {
      const target = targetAt(await createLedgerDatabase(server));
      return { open: () => openKeptFiles(target), destroy: () => undefined };
    });

    const replica = (url: string, name: string): Config => configSchema.parse({ data: join(folder, name), storage: { url } });
    const load = (config: Config): Promise<Uint8Array> => loadKey(config, KEPT_FILES.requestKey, 'links lead nowhere');

    test('two replicas that start at once on an empty database agree on one key, which is in no folder', async () => {
      const url = await server.createDatabase();
      const keys = [...(await Promise.all(['one', 'two'].map((name) => load(replica(url, name))))), await load(replica(url, 'three'))];
      expect(keys.map(({ length }) => length)).toEqual([32, 32, 32]);
      expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
      expect(readdirSync(folder)).toEqual([]);
    });

    test('a ledger that was in files before keeps its key', async () => {
      const url = await server.createDatabase();
      const before = await load({ ...replica(url, 'moved'), storage: configSchema.parse({}).storage });
      expect(Buffer.from(await load(replica(url, 'moved'))).equals(before)).toBe(true);
      expect(Buffer.from(await load(replica(url, 'new'))).equals(before)).toBe(true);
      rmSync(join(folder, 'moved'), { recursive: true });
    });

    test('what is no key is said to be none, and not shown', async () => {
      const url = await server.createDatabase();
      const files = openKeptFiles(targetAt(url));
      await files.once(KEPT_FILES.requestKey, () => Buffer.from('secret-but-short'));
      await files.close();
      const refused = await load(replica(url, 'one')).catch((error: Error) => error);
      expect(refused).toMatchObject({ message: 'request-links.key in the table kept_files holds no key.' });
      expect(JSON.stringify(refused)).not.toContain('secret');
      const database = connect(targetAt(url));
      await database.run('ANALYZE kept_files');
      expect(await database.rows(`SELECT attname FROM pg_stats WHERE tablename = 'kept_files' AND attname = 'bytes'`)).toEqual([]);
      await database.close();
    });
  });
});
