/** `ledgerline storage copy`: what it says, and how it ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CopyProgress } from '../../collector/cli/storage-copy-progress.ts';
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

/** Lines and signs of life of a terminal that is none, at these instants. */
function progressOf(instants: readonly number[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const left = [...instants];
  const terminal = {
    out: (text: string) => out.push(text),
    err: (text: string) => err.push(text),
    env: {},
    now: () => left.shift() ?? 0,
    color: false,
  };
  return { out, err, progress: new CopyProgress(terminal, 'Stop it') };
}

test('where nobody looks on, each stage is said as it begins and once a minute', () => {
  const { err, progress } = progressOf([0, 1_000, 2_000, 61_000, 61_000]);
  for (const text of ['sessions 1 of 9', 'sessions 2 of 9', 'sums of 2026-11-01', 'sessions 3 of 9', 'sums of 2026-11-02']) progress.say(text);
  expect(err).toEqual(['sessions 1 of 9 …', 'sums of 2026-11-01 …', 'sessions 3 of 9 …']);
});

test.each([
  { passes: [3_600_000, 600_000, 40_000, 30_000], asked: 2 },
  { passes: [3_600_000, 600_000, 590_000, 30_000], asked: 2 },
  { passes: [20_000, 10_000], asked: 0 },
])('asks for the stop once a pass is short, or gets no shorter: $passes', ({ passes, asked }) => {
  const { out, progress } = progressOf([]);
  const lines = passes.map((tookMs, index) => {
    progress.pass(10 - index, tookMs);
    return out.splice(0);
  });
  expect(lines.findIndex((said) => said.some((line) => line.startsWith('Stop it now')))).toBe(asked);
  expect(lines.slice(0, asked).every(([line]) => /^Copied what had changed \(\d+ parts\) in \d+ (s|min)\.$/.test(line ?? ''))).toBe(true);
  expect(lines.slice(asked + 1).flat()).toEqual([]);
});

const LAST = 'Nobody writes at the source any more: the rest is copied, and both are compared. No collector can start there until the end.';
const UTC = { timeZone: 'UTC', weekStart: 'monday' } as const;

/** Broken off when all is copied and before it is compared; what is copied of a session is changed then. */
function brokenOff(text: string): void {
  if (text.startsWith('verifying')) throw new Error('broken off');
}

async function copiedButFor(url: string, folder: string): Promise<void> {
  const [file, target] = [join(folder, 'ledger.sqlite'), targetAt(url)];
  await expect(copyToShared({ file, target, ...UTC, say: brokenOff, onPass: () => undefined })).rejects.toThrow('The copy failed: broken off.');
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
        `${LAST}\nEvery figure is the same. Set storage.url to ${url} and start the collectors; keep ${folder} as a backup, and start none on it.`,
      );
      expect(code).toBe(0);
      await expect(printed(copy)).rejects.toThrow('The database has a ledger already.');
      expect(await printed(['check'], { env: { LEDGERLINE_STORAGE_URL: url } })).toBe('The roll-ups equal the 1 entries of 1 sessions.');

      const back = mkdtempSync(join(tmpdir(), 'ledgerline-'));
      const copyBack = ['storage', 'copy', '--from', url, '--to', `sqlite:${back}`];
      const copied = await outcome(copyBack);
      expect(copied.text).toMatch(/\nEvery figure is the same\. Take storage\.url out of the configuration, set data to .* and start one collector/);
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
      expect(forth.text).toMatch(/goes on with this copy: empty the database before you run it again\.$/);

      expect((await outcome(['storage', 'copy', '--from', `sqlite:${folder}`, '--to', back])).code).toBe(0);
      const to = mkdtempSync(join(tmpdir(), 'ledgerline-'));
      await brokenOffBack(back, to);
      const again = await outcome(['storage', 'copy', '--from', back, '--to', `sqlite:${to}`]);
      expect(again.code).toBe(1);
      expect(again.text).toMatch(/session .*: cost is \d+ at the source, \d+ in the copy\./);
      expect(again.text).toContain(`remove ${join(to, 'unfinished-copy')} before`);
      rmSync(to, { recursive: true });
    },
    TIMEOUT_MS,
  );
});
