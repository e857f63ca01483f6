/** `ledgerline storage copy`: what it says, and how it ends. */
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithBackend } from '../support/backends.ts';
import { event, NOON } from '../support/entries.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { outcome, printed } from './command.ts';

const TIMEOUT_MS = 240_000;
const NOWHERE = 'postgres://ledgerline@127.0.0.1:1/ledgerline';

test('says what is no ledger to copy, and what is no database', async () => {
  await expect(printed(['storage', 'copy', '--from', 'ledgerline-data', '--to', NOWHERE])).rejects.toThrow('which is not sqlite:FOLDER');
  await expect(printed(['storage', 'copy', '--from', 'sqlite:/nowhere', '--to', NOWHERE])).rejects.toThrow(
    'There is no ledger at /nowhere/ledger.sqlite.',
  );
  await expect(printed(['storage', 'copy', '--from', 'sqlite:/nowhere', '--to', 'sqlite:elsewhere'])).rejects.toThrow('--to must be postgres://');
});

describeWithBackend('postgres15', 'copying', () => {
  let server: RunningPostgres;
  let ledger: TestLedger;
  beforeAll(async () => {
    server = await startPostgres();
    ledger = await openTestLedger();
    await ledger.writer.append({ entries: [event({ id: 'a' })], receivedMs: NOON });
    await ledger.writer.close();
  }, TIMEOUT_MS);
  afterAll(async () => {
    await ledger?.destroy();
    await server?.destroy();
  });

  test(
    'says what to start next, and refuses to be done again',
    async () => {
      const url = await server.createDatabase();
      const folder = dirname(ledger.file);
      const copy = ['storage', 'copy', '--from', `sqlite:${folder}`, '--to', url];
      const { text, code } = await outcome(copy);
      expect(text).toBe(
        `Every figure is the same. Set storage.url to ${url} and start the collectors; keep ${folder} as a backup, and start none on it.`,
      );
      expect(code).toBe(0);
      await expect(printed(copy)).rejects.toThrow('The database has a ledger already.');
      expect(await printed(['check'], { env: { LEDGERLINE_STORAGE_URL: url } })).toBe('The roll-ups equal the 1 entries of 1 sessions.');
    },
    TIMEOUT_MS,
  );
});
