/** A ledger on PostgreSQL copied back into a data folder while telemetry keeps arriving: the same ledger afterwards, and one that goes on. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { DIMENSION_NAMES } from '../../../collector/catalog/measures.ts';
import { KEPT_FILES } from '../../../collector/config/data-folder.ts';
import type { CopyOptions } from '../../../collector/storage/copy/copy.ts';
import { copyToFolder } from '../../../collector/storage/copy/to-folder.ts';
import { copyToShared } from '../../../collector/storage/copy/to-shared.ts';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { openReader } from '../../../collector/storage/postgres/ledger-reader.ts';
import { openWriter } from '../../../collector/storage/postgres/ledger-writer.ts';
import { migrate } from '../../../collector/storage/postgres/schema.ts';
import { storable } from '../../../collector/storage/postgres/sql-text.ts';
import type { Target } from '../../../collector/storage/postgres/target.ts';
import { openReader as openEmbedded } from '../../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter as openEmbeddedWriter } from '../../../collector/storage/sqlite/ledger-writer.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { targetAt } from '../../support/postgres-ledger.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { seededRandom } from '../../support/random.ts';
import type { TestLedger } from '../../support/sqlite-ledger.ts';
import { bring } from '../../support/statements.ts';
import { expectSameAnswers } from './ledger-answers.ts';
import { appendMore, LATER_MS, moreEntries, randomSource } from './random-source.ts';

const TIMEOUT_MS = 240_000;
const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;
const SAME = { differences: [], differencesMore: 0 };
const QUIET: Pick<CopyOptions, 'say' | 'onPass' | 'betweenMs'> = { say: () => undefined, onPass: () => undefined, betweenMs: 1 };

/** All entries by their session, as the database can hold their names. */
function entriesOf(file: string): string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const names = DIMENSION_NAMES.map((name) => `d.${name}`).join();
  const own = 'e.identity, e.time_ms, e.flags, e.cost, e.list_cost, e.amounts, e.series, e.start_ms, e.sequence, e.held_back, e.request';
  const statement = database.prepare(
    `SELECT s.session_id, ${own}, ${names} FROM entries e JOIN sessions s ON s.id = e.session JOIN dims d ON d.id = e.dims`,
  );
  statement.setReadBigInts(true);
  const rows = statement.all().map((row) => JSON.stringify(Object.values(row).map((cell) => (cell === null ? null : storable(String(cell))))));
  database.close();
  return rows.sort();
}

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'a copy into a folder', () => {
    let server: RunningPostgres;
    const folders: string[] = [];
    beforeAll(async () => {
      server = await startPostgres({ version });
    }, TIMEOUT_MS);
    afterAll(() => server?.destroy());
    afterEach(() => {
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
    });

    const emptyFolder = (): string => {
      const folder = mkdtempSync(join(tmpdir(), 'ledgerline-'));
      folders.push(folder);
      return folder;
    };

    /** A shared ledger that came from files. */
    async function sharedLedger(seed: string, slots: number): Promise<{ readonly ledger: TestLedger; readonly target: Target }> {
      const ledger = await randomSource(seededRandom(seed));
      await bring(join(dirname(ledger.file), 'statements.sqlite'), 'usage', [{ day: '2026-11-02', model: 'opus', billed: 5n }]);
      writeFileSync(join(dirname(ledger.file), KEPT_FILES.signInKey), Buffer.from([0, 255, 7]));
      await ledger.writer.close();
      const target = targetAt(await server.createDatabase());
      const database = new Database(target, { name: 'test', max: 1, wants: 'primary', statementMs: 0 });
      await migrate(database, { slots });
      await database.close();
      expect(await copyToShared({ file: ledger.file, target, ...CALENDAR, ...QUIET })).toEqual(SAME);
      return { ledger, target };
    }

    const fileIn = (folder: string): string => join(folder, 'ledger.sqlite');
    const sameAnswers = (target: Target, folder: string, seed: string): Promise<void> =>
      expectSameAnswers(openReader({ target, ...CALENDAR }), openEmbedded({ file: fileIn(folder), ...CALENDAR }), seed);

    test.each([1, 32])(
      'has the entries of the files that it came from, by way of %i slots',
      async (slots) => {
        const { ledger, target } = await sharedLedger(`round trip ${version}`, slots);
        const folder = emptyFolder();
        expect(await copyToFolder({ from: target, folder, ...CALENDAR, ...QUIET })).toEqual(SAME);
        const entries = entriesOf(ledger.file);
        expect(entries.length).toBeGreaterThan(50);
        expect(entriesOf(fileIn(folder))).toEqual(entries);
        await sameAnswers(target, folder, 'round trip');
        const [from, to] = [ledger.file, fileIn(folder)].map((file) => openEmbedded({ file, ...CALENDAR }));
        if (from !== undefined && to !== undefined) await expectSameAnswers(from, to, 'both files');
        expect(readdirSync(folder).filter((name) => !name.includes('.lock'))).toEqual(
          expect.arrayContaining(['budgets.sqlite', 'directory.sqlite', 'ledger.sqlite', KEPT_FILES.signInKey, 'statements.sqlite']),
        );
        expect(existsSync(join(folder, 'unfinished-copy'))).toBe(false);
        await ledger.destroy();
      },
      TIMEOUT_MS,
    );

    test(
      'is the same ledger, though telemetry arrives until the collectors are stopped, and goes on as they would',
      async () => {
        const random = seededRandom(`copy back ${version}`);
        const { ledger, target } = await sharedLedger(`back ${version}`, 1);
        const folder = emptyFolder();
        // Two replicas with rows of their own, some of them not added up yet.
        const writers = [await openWriter({ target, ...CALENDAR, afterEach: 'fold' }), await openWriter({ target, ...CALENDAR })];
        const passes: number[] = [];
        const onPass = async (changed: number): Promise<void> => {
          passes.push(changed);
          for (const [index, writer] of writers.entries()) {
            if (passes.length < 3) await appendMore(writer, random, `pass ${passes.length} ${index}`, 40);
            else await writer.close();
          }
        };
        expect(await copyToFolder({ from: target, folder, ...CALENDAR, ...QUIET, onPass })).toEqual(SAME);
        expect(passes.map((changed) => changed > 0)).toEqual([true, true, true]);
        await sameAnswers(target, folder, 'answers');

        const [one, other] = [await openWriter({ target, ...CALENDAR }), await openEmbeddedWriter({ file: fileIn(folder), ...CALENDAR })];
        // A file would hold U+0000 from now on, a database never does.
        const again = moreEntries(seededRandom('later'), 'later', 200).filter(({ dimensions }) => dimensions.team !== 'a\0b');
        for (const writer of [one, other]) {
          expect((await writer.append({ entries: again, receivedMs: LATER_MS + 60_000 })).appended).toBeGreaterThan(0);
          // Sent again.
          expect((await writer.append({ entries: again, receivedMs: LATER_MS + 60_000 })).appended).toBe(0);
          await writer.close();
        }
        await sameAnswers(target, folder, 'later answers');
        await ledger.destroy();
      },
      TIMEOUT_MS,
    );

    test(
      'finds its combinations of dimensions again, however far those of the files were indexed that it came from',
      async () => {
        const ledger = await randomSource(seededRandom(`indexed ${version}`));
        await ledger.writer.close();
        change(ledger.file, `INSERT OR REPLACE INTO state VALUES ('dims_indexed', 1000000)`);
        const target = targetAt(await server.createDatabase());
        expect(await copyToShared({ file: ledger.file, target, ...CALENDAR, ...QUIET })).toEqual(SAME);
        const database = new Database(target, { name: 'test', max: 1, wants: 'primary', statementMs: 0 });
        expect(await database.rows(`SELECT * FROM state WHERE name = 'dims_indexed'`)).toEqual([]);
        // As former versions copied it.
        await database.run(`INSERT INTO state (slot, replica, name, value) VALUES (0, 1, 'dims_indexed', 1000000)`);
        await database.close();
        const folder = emptyFolder();
        expect(await copyToFolder({ from: target, folder, ...CALENDAR, ...QUIET })).toEqual(SAME);
        for (const start of [1, 2, 3]) {
          const writer = await openEmbeddedWriter({ file: fileIn(folder), ...CALENDAR });
          const entries = moreEntries(seededRandom('the same names'), `start ${start}`, 50).map((entry) => ({
            ...entry,
            dimensions: { ...entry.dimensions, repository: 'acme/new' },
          }));
          await writer.append({ entries, receivedMs: LATER_MS + 60_000 });
          await writer.close();
        }
        const file = new DatabaseSync(fileIn(folder), { readOnly: true });
        expect(file.prepare('SELECT key, count(*) AS rows FROM dims GROUP BY key HAVING count(*) > 1').all()).toEqual([]);
        file.close();
        await ledger.destroy();
      },
      TIMEOUT_MS,
    );

    test(
      'that is broken off goes on where it was, and lies where no collector starts on it',
      async () => {
        const random = seededRandom(`broken off ${version}`);
        const { ledger, target } = await sharedLedger(`broken off ${version}`, 1);
        const folder = emptyFolder();
        for (let breaks = 0; breaks < 12; breaks++) {
          let left = 1 + random.below(6);
          const say = (): void => {
            if (--left === 0) throw new Error('broken off');
          };
          await expect(copyToFolder({ from: target, folder, ...CALENDAR, ...QUIET, say })).rejects.toThrow();
          expect(existsSync(fileIn(folder))).toBe(false);
        }
        expect(existsSync(fileIn(join(folder, 'unfinished-copy')))).toBe(true);
        // As a version left it that had no such roll-up.
        change(fileIn(join(folder, 'unfinished-copy')), 'DROP TABLE rollup_total_person');
        const other = targetAt(await server.createDatabase());
        await (await openWriter({ target: other, ...CALENDAR })).close();
        await expect(copyToFolder({ from: other, folder, ...CALENDAR, ...QUIET })).rejects.toThrow('that is not finished');
        expect(await copyToFolder({ from: target, folder, ...CALENDAR, ...QUIET })).toEqual(SAME);
        await sameAnswers(target, folder, 'after breaks');
        await expect(copyToFolder({ from: target, folder, ...CALENDAR, ...QUIET })).rejects.toThrow('The folder has a ledger already');
        await ledger.destroy();
      },
      TIMEOUT_MS,
    );

    test(
      'that is ended while its files are put in place is done again, and nothing that came there meanwhile is lost',
      async () => {
        const { ledger, target } = await sharedLedger(`in place ${version}`, 1);
        const folder = emptyFolder();
        const copy = (say: CopyOptions['say']) => copyToFolder({ from: target, folder, ...CALENDAR, ...QUIET, say });
        for (const name of ['statements.sqlite', 'ledger.sqlite']) {
          const ended = copy((text) => {
            if (text === `putting ${name} in its place`) throw new Error('broken off');
          });
          await expect(ended).rejects.toThrow();
          expect(existsSync(join(folder, 'budgets.sqlite'))).toBe(true);
          expect(existsSync(fileIn(folder))).toBe(false);
        }
        const budgets = join(folder, 'budgets.sqlite');
        const beside = copy((text) => {
          if (text === 'coarser sums') writeFileSync(budgets, 'of somebody who set a budget meanwhile');
        });
        await expect(beside).rejects.toThrow(`or a part of one: ${budgets}`);
        expect(readFileSync(budgets, 'utf8')).toBe('of somebody who set a budget meanwhile');
        rmSync(budgets);
        const looking = new DatabaseSync(fileIn(join(folder, 'unfinished-copy')), { readOnly: true });
        const watched = copy((text) => {
          if (text !== 'coarser sums') return;
          looking.exec('BEGIN');
          looking.prepare('SELECT count(*) FROM state').get();
        });
        await expect(watched).rejects.toThrow('Somebody reads the copy');
        looking.close();
        expect(existsSync(fileIn(folder))).toBe(false);
        expect(await copy(() => undefined)).toEqual(SAME);
        await sameAnswers(target, folder, 'after it was put in place');
        const placed = new DatabaseSync(fileIn(folder), { readOnly: true });
        expect(placed.prepare(`SELECT name FROM sqlite_schema WHERE name = 'copied'`).all()).toEqual([]);
        placed.close();
        expect(existsSync(join(folder, 'unfinished-copy'))).toBe(false);
        await ledger.destroy();
      },
      TIMEOUT_MS,
    );

    test(
      'is refused beside a collector, for another calendar, and where users were erased meanwhile',
      async () => {
        const { ledger, target } = await sharedLedger(`refused ${version}`, 1);
        await expect(copyToFolder({ from: target, folder: dirname(ledger.file), ...CALENDAR, ...QUIET })).rejects.toThrow(
          'The folder has a ledger already',
        );
        const folder = emptyFolder();
        const running = await openEmbeddedWriter({ file: fileIn(folder), ...CALENDAR });
        await expect(copyToFolder({ from: target, folder, ...CALENDAR, ...QUIET })).rejects.toThrow('is in use by another collector');
        await running.close();
        const elsewhere = copyToFolder({ from: target, folder: emptyFolder(), ...CALENDAR, ...QUIET, timeZone: 'Asia/Kolkata' });
        await expect(elsewhere).rejects.toThrow(`The ledger's days are cut in another calendar: "UTC monday"`);

        const writer = await openWriter({ target, ...CALENDAR });
        const onPass = async (): Promise<void> => {
          await writer.erase({ names: ['ben@example.com'], pseudonym: 'erased-2', isRemembered: false, isTrial: false });
        };
        const erased = emptyFolder();
        await expect(copyToFolder({ from: target, folder: erased, ...CALENDAR, ...QUIET, onPass })).rejects.toThrow('Users were erased or renamed');
        await writer.close();
        await expect(copyToFolder({ from: target, folder: erased, ...CALENDAR, ...QUIET })).rejects.toThrow('Users were erased or renamed');
        await ledger.destroy();
      },
      TIMEOUT_MS,
    );

    test(
      'that was tampered with is not the same, figure by figure and row by row',
      async () => {
        const { ledger, target } = await sharedLedger(`tampered ${version}`, 1);
        const folder = emptyFolder();
        const writer = await openWriter({ target, ...CALENDAR });
        const staged = join(folder, 'unfinished-copy');
        let isTampered = false;
        const onPass = (): Promise<void> => writer.close();
        const say = (text: string): void => {
          if (!text.startsWith('verifying sums by month') || isTampered) return;
          isTampered = true;
          change(fileIn(staged), `UPDATE sessions SET cost = cost + 1 WHERE session_id = 'huge'`);
          change(fileIn(staged), 'UPDATE rollup_total_person SET cost = cost + 7');
          change(fileIn(staged), 'UPDATE api_requests SET output = output + 1');
          change(fileIn(staged), `UPDATE entries SET list_cost = list_cost + 1 WHERE session = (SELECT id FROM sessions WHERE session_id = 'huge')`);
          change(fileIn(staged), `UPDATE session_links SET key = key || 'x' WHERE session = (SELECT min(session) FROM session_links)`);
          change(fileIn(staged), 'UPDATE dimension_values SET has_spend = 1 - has_spend');
          change(fileIn(staged), `UPDATE state SET value = value + 1 WHERE name = 'appended'`);
          change(fileIn(staged), `UPDATE state SET value = 'another' WHERE name = 'erasure_key'`);
          change(fileIn(staged), 'DELETE FROM erased');
          change(fileIn(staged), `INSERT INTO repricings VALUES (9, 1, 'somebody', 'a book', '{}', NULL, NULL)`);
          change(join(staged, 'statements.sqlite'), `UPDATE lines SET billed = billed + 1`);
        };
        const { differences } = await copyToFolder({ from: target, folder, ...CALENDAR, ...QUIET, onPass, say });
        expect(differences).toContainEqual(expect.stringMatching(/^session huge: cost is \d+ at the source, \d+ in the copy\.$/));
        expect(differences).toContainEqual(expect.stringMatching(/^cost by user of \["[^"]*"\]: -?\d+ at the source, -?\d+ in the copy\.$/));
        expect(differences).toContainEqual('requests as the API counted them: not the same.');
        expect(differences).toContainEqual('statement_lines: 1 rows in both, and not the same.');
        expect(differences).toContainEqual(expect.stringMatching(/^session huge: entries\.list_cost is \d+ at the source, \d+ in the copy\.$/));
        expect(differences).toContainEqual(expect.stringMatching(/^session .+: links\.digest is \d+ at the source, \d+ in the copy\.$/));
        expect(differences).toContainEqual(expect.stringMatching(/^dimension_values: \d+ rows in both, and not the same\.$/));
        expect(differences).toContainEqual(expect.stringMatching(/^state: \d+ rows in both, and not the same\.$/));
        expect(differences).toContainEqual(expect.stringMatching(/^erased: \d+ rows at the source, 0 in the copy\.$/));
        expect(differences).toContainEqual(expect.stringMatching(/^repricings: \d+ rows at the source, \d+ in the copy\.$/));
        expect(differences).toContainEqual('the key of erased names: not the same.');
        expect(existsSync(fileIn(folder))).toBe(false);
        await ledger.destroy();
      },
      TIMEOUT_MS,
    );
  });
});

function change(file: string, sql: string): void {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec(sql);
  database.close();
}
