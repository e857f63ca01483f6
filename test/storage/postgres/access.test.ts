/** TLS that is checked, and a password that is read from its file at each connection. */
import { chmodSync, chownSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { configSchema } from '../../../collector/config/config.ts';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { storeError } from '../../../collector/storage/postgres/failure.ts';
import { type Target, targetOf } from '../../../collector/storage/postgres/target.ts';
import { type Certificates, makeCertificates } from '../../server/certificates.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';

const NOBODY = 65_534;
const SECRET = 'correct horse';

describeWithBackend('postgres15', 'access to a database', () => {
  let server: RunningPostgres;
  let certificates: Certificates;
  let passwordFile: string;
  let url: string;

  beforeAll(async () => {
    certificates = makeCertificates();
    passwordFile = join(certificates.folder, 'password');
    server = await startPostgres({ version: 15 });
    url = await server.createDatabase();
    const administrator = new Database(targetAt({}), OPTIONS);
    await administrator.run(`CREATE ROLE collector LOGIN PASSWORD '${SECRET}'`);
    for (const name of ['server.crt', 'server.key']) {
      const file = join(server.folder, 'data', name);
      copyFileSync(certificates.path(name), file);
      chmodSync(file, 0o600);
      if (process.getuid?.() === 0) chownSync(file, NOBODY, NOBODY);
    }
    // Whoever is not the administrator comes by TLS and with a password.
    const rules = ['host all ledgerline all trust', 'hostssl all collector all scram-sha-256'];
    writeFileSync(join(server.folder, 'data/pg_hba.conf'), `${rules.join('\n')}\n`);
    await administrator.run(`ALTER SYSTEM SET ssl = 'on'`);
    await administrator.rows('SELECT pg_reload_conf()');
    await administrator.close();
    await server.stop();
    await server.start();
  });
  afterAll(async () => {
    await server?.destroy();
    certificates?.remove();
  });

  const OPTIONS = { name: 'test', max: 1, wants: 'primary', statementMs: 30_000 } as const;
  const targetAt = (storage: object, address = url): Target => {
    const target = targetOf(configSchema.parse({ storage: { url: address, ...storage } }));
    if (target === undefined) throw new Error(address);
    return target;
  };
  const asCollector = (storage: object, host = '127.0.0.1'): Database =>
    new Database(targetAt(storage, url.replace('ledgerline@127.0.0.1', `collector@${host}`)), OPTIONS);
  const checked = (): object => ({ tls: { ca_file: certificates.path('ca.crt') }, password_file: passwordFile });

  /** Who is asked by which protocol; or what it came to, as the log has it. */
  async function asked(database: Database): Promise<string> {
    try {
      const [row] = await database.rows('SELECT current_user AS name, ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      return `${row?.name} ${row?.ssl === true ? row.version : 'in plain text'}`;
    } catch (error) {
      return `${storeError(error).message} ${storeError(error).hint}`;
    } finally {
      await database.close();
    }
  }

  test('is by TLS with a certificate of the authority, and with the password of the file', async () => {
    writeFileSync(passwordFile, `${SECRET}\n`);
    expect(await asked(asCollector(checked()))).toBe('collector TLSv1.3');
    expect(await asked(asCollector(checked(), 'localhost'))).toBe('collector TLSv1.3');
  });

  test('is refused where the certificate is of another authority, or of another name', async () => {
    writeFileSync(passwordFile, SECRET);
    const other = { ...checked(), tls: { ca_file: certificates.path('other-ca.crt') } };
    expect(await asked(asCollector(other))).toMatch(/certificate/i);
    const named = { ...checked(), tls: { ca_file: certificates.path('ca.crt'), server_name: 'ledger.example' } };
    expect(await asked(asCollector(named))).toMatch(/ledger\.example/);
  });

  test('says which setting to look at, and never the password', async () => {
    writeFileSync(passwordFile, 'of yesterday');
    const sentence = await asked(asCollector(checked()));
    expect(sentence).toContain('storage.password_file');
    expect(sentence).not.toContain('of yesterday');
    expect(await asked(asCollector({ ...checked(), password_file: `${passwordFile}.gone` }))).toContain('Put the file that storage.password_file');
    const plain = await asked(asCollector({ password_file: passwordFile }));
    expect(plain).toContain('pg_hba.conf');
  });

  test('takes a password that has changed with the next connection', async () => {
    writeFileSync(passwordFile, 'of yesterday');
    const database = asCollector(checked());
    await expect(database.rows('SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    writeFileSync(passwordFile, SECRET);
    expect(await asked(database)).toBe('collector TLSv1.3');
  });
});
