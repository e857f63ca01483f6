/** `ledgerline storage copy`: what it says, and how it ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { copyToFolder } from '../../collector/storage/copy/to-folder.ts';
import { copyToShared } from '../../collector/storage/copy/to-shared.ts';
import { Database } from '../../collector/storage/postgres/connection.ts';
import { describeWithBackend } from '../support/backends.ts';
import { event, NOON } from '../support/entries.ts';
import { targetAt } from '../support/postgres-ledger.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { outcome, printed } from './command.ts';

const TIMEOUT_MS = 240_000;
const NOWHERE = 'postgres://ledgerline@127.0.0.1:1/ledgerline';

test('says what is no ledger to copy, and what is no database', async () => {
  await expect(printed(['storage', 'copy', '--from', 'ledgerline-data', '--to', NOWHERE])).rejects.toThrow('A copy is from sqlite:FOLDER');
  await expect(printed(['storage', 'copy', '--from', 'sqlite:/nowhere', '--to', NOWHERE])).rejects.toThrow(
    'There is no ledger at /nowhere/ledger.sqlite.',
  );
  await expect(printed(['storage', 'copy', '--from', 'sqlite:/nowhere', '--to', 'sqlite:elsewhere'])).rejects.toThrow('A copy is from sqlite:FOLDER');
  await expect(printed(['storage', 'copy', '--from', NOWHERE, '--to', NOWHERE])).rejects.toThrow('A copy is from sqlite:FOLDER');
  await expect(printed(['storage', 'copy', '--from', 'sqlite:/nowhere', '--to', 'mysql://db/x'])).rejects.toThrow('--to must be postgres://');
  const withPassword = ['--from', 'postgres://ledgerline:hunter2@127.0.0.1:1/ledgerline', '--to', 'sqlite:/nowhere'];
  const refused = printed(['storage', 'copy', ...withPassword]);
  await expect(refused).rejects.toThrow('--from must be postgres://');
  await expect(refused).rejects.not.toThrow('hunter2');
});

const UTC = { timeZone: 'UTC', weekStart: 'monday' } as const;

/** Broken off when all is copied and before it is compared; what is copied of a session is changed then. */
function brokenOff(text: string): void {
  if (text.startsWith('verifying')) throw new Error('broken off');
}

async function copiedButFor(url: string, folder: string): Promise<void> {
  const [file, target] = [join(folder, 'ledger.sqlite'), targetAt(url)];
  await expect(copyToShared({ file, target, ...UTC, say: brokenOff, onPass: () => undefined })).rejects.toThrow();
  const database = new Database(target, { name: 'test', max: 1, wants: 'primary', statementMs: 0 });
  await database.run('UPDATE sessions SET cost = cost + 1');
  await database.close();
}

async function brokenOffBack(url: string, folder: string): Promise<void> {
  await expect(copyToFolder({ from: targetAt(url), folder, ...UTC, say: brokenOff, onPass: () => undefined })).rejects.toThrow();
  const database = new DatabaseSync(join(folder, 'unfinished-copy', 'ledger.sqlite'));
  database.exec('UPDATE sessions SET cost = cost + 1');
  database.close();
}

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

      const back = mkdtempSync(join(tmpdir(), 'ledgerline-'));
      const copyBack = ['storage', 'copy', '--from', url, '--to', `sqlite:${back}`];
      const copied = await outcome(copyBack);
      expect(copied.text).toMatch(/^Every figure is the same\. Take storage\.url out of the configuration, set data to .* and start one collector/);
      expect(copied.code).toBe(0);
      await expect(printed(copyBack)).rejects.toThrow('The folder has a ledger already');
      expect(await printed(['check', '--data', back])).toBe('The roll-ups equal the 1 entries of 1 sessions.');
      rmSync(back, { recursive: true });
    },
    TIMEOUT_MS,
  );

  test(
    'of what was damaged since it was begun ends with 1 in both directions',
    async () => {
      const [there, back] = [await server.createDatabase(), await server.createDatabase()];
      const folder = dirname(ledger.file);
      await copiedButFor(there, folder);
      const forth = await outcome(['storage', 'copy', '--from', `sqlite:${folder}`, '--to', there]);
      expect(forth.code).toBe(1);
      expect(forth.text).toContain('The copy is not the same ledger, and no collector starts on it.');

      expect((await outcome(['storage', 'copy', '--from', `sqlite:${folder}`, '--to', back])).code).toBe(0);
      const to = mkdtempSync(join(tmpdir(), 'ledgerline-'));
      await brokenOffBack(back, to);
      const again = await outcome(['storage', 'copy', '--from', back, '--to', `sqlite:${to}`]);
      expect(again.code).toBe(1);
      expect(again.text).toMatch(/session .*: cost is \d+ at the source, \d+ in the copy\./);
      rmSync(to, { recursive: true });
    },
    TIMEOUT_MS,
  );
});
