/** An embedded ledger copied to PostgreSQL while telemetry keeps arriving: the same ledger afterwards, for who reads and for what comes later. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { QUARTER_MS } from '../../../collector/core/calendar.ts';
import { DAY_MS } from '../../../collector/core/duration.ts';
import { TIME_UNCERTAIN } from '../../../collector/storage/batch-codec.ts';
import type { CopyOptions } from '../../../collector/storage/copy/copy.ts';
import { QUARTERS_A_DAY } from '../../../collector/storage/copy/ends.ts';
import { UNHURRIED, UNHURRIED_INSTANT } from '../../../collector/storage/copy/shared/unhurried.ts';
import { copyToShared } from '../../../collector/storage/copy/to-shared.ts';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { openDirectoryStore } from '../../../collector/storage/postgres/directory-store.ts';
import { openReader } from '../../../collector/storage/postgres/ledger-reader.ts';
import { openWriter } from '../../../collector/storage/postgres/ledger-writer.ts';
import { quotedName } from '../../../collector/storage/postgres/sql-text.ts';
import type { Target } from '../../../collector/storage/postgres/target.ts';
import { openReader as openEmbedded } from '../../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter as openEmbeddedWriter } from '../../../collector/storage/sqlite/ledger-writer.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { spawnCollector } from '../../support/collector-process.ts';
import { event, NOON } from '../../support/entries.ts';
import { targetAt } from '../../support/postgres-ledger.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { seededRandom } from '../../support/random.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { expectSameAnswers } from './ledger-answers.ts';
import { appendMore, LATER_MS, moreEntries, randomSource } from './random-source.ts';

const TIMEOUT_MS = 240_000;
const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;
const SAME = { differences: [], differencesMore: 0 };
const QUIET: Pick<CopyOptions, 'say' | 'onPass' | 'betweenMs'> = { say: () => undefined, onPass: () => undefined, betweenMs: 1 };

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'a copy', () => {
    let server: RunningPostgres;
    let made: TestLedger | undefined;
    beforeAll(async () => {
      server = await startPostgres({ version });
    }, TIMEOUT_MS);
    afterAll(async () => {
      await made?.destroy();
      await server?.destroy();
    });

    /** A source that nobody changes. */
    const unchanged = async (): Promise<TestLedger> => {
      if (made !== undefined) return made;
      made = await randomSource(seededRandom('another source'));
      await made.writer.close();
      return made;
    };
    const emptyDatabase = async (): Promise<Target> => targetAt(await server.createDatabase());

    const sameAnswers = (file: string, target: Target, seed: string): Promise<void> =>
      expectSameAnswers(openEmbedded({ file, ...CALENDAR }), openReader({ target, ...CALENDAR }), seed);

    test(
      'is the same ledger, though telemetry arrives until the source is stopped, and goes on as the source would',
      async () => {
        const random = seededRandom(`copy ${version}`);
        const ledger = await randomSource(random);
        const { file } = ledger;
        const target = await emptyDatabase();
        const passes: number[] = [];
        const onPass = (changed: number): Promise<void> => {
          passes.push(changed);
          return passes.length < 3 ? appendMore(ledger.writer, random, `pass ${passes.length}`, 40) : ledger.writer.close();
        };
        expect(await copyToShared({ file, target, ...CALENDAR, ...QUIET, onPass })).toEqual(SAME);
        expect(passes.map((changed) => changed > 0)).toEqual([true, true, true]);
        await sameAnswers(file, target, 'answers');

        const [one, other] = [await openEmbeddedWriter({ file, ...CALENDAR }), await openWriter({ target, ...CALENDAR })];
        const again = moreEntries(seededRandom('later'), 'later', 200);
        for (const writer of [one, other]) {
          await writer.append({ entries: again, receivedMs: LATER_MS + 60_000 });
          // Sent again.
          expect((await writer.append({ entries: again, receivedMs: LATER_MS + 60_000 })).appended).toBe(0);
          await writer.close();
        }
        await sameAnswers(file, target, 'later answers');
        await ledger.destroy();
      },
      TIMEOUT_MS,
    );

    test(
      'that is broken off goes on where it was, and nobody starts on it before it is done',
      async () => {
        const random = seededRandom(`broken off ${version}`);
        const ledger = await randomSource(random);
        const { file } = ledger;
        await ledger.writer.close();
        const target = await emptyDatabase();
        for (let breaks = 0; breaks < 12; breaks++) {
          let left = 1 + random.below(6);
          const say = (): void => {
            if (--left === 0) throw new Error('broken off');
          };
          await expect(copyToShared({ file, target, ...CALENDAR, ...QUIET, say })).rejects.toThrow();
          await expect(openWriter({ target, ...CALENDAR })).rejects.toThrow('to this database is not finished');
        }
        await expect(copyToShared({ file: (await unchanged()).file, target, ...CALENDAR, ...QUIET })).rejects.toThrow('that is not finished');
        expect(await copyToShared({ file, target, ...CALENDAR, ...QUIET })).toEqual(SAME);
        await sameAnswers(file, target, 'after breaks');
        await ledger.destroy();
      },
      TIMEOUT_MS,
    );

    test(
      'has one row for names that a database cannot tell apart, and a place for each session that is called alike there',
      async () => {
        const { file, writer, destroy } = await openTestLedger();
        const odd = (mark: string) => event({ id: mark, sessionId: 'together', team: `a${mark}b`, user: `c${mark}@example.com` });
        await writer.append({ entries: [odd('\0'), odd('\uFFFD'), event({ id: 'one', sessionId: 'one\0' })], receivedMs: NOON });
        const target = await emptyDatabase();
        const onPass = (): void => {
          throw new Error('broken off');
        };
        await expect(copyToShared({ file, target, ...CALENDAR, ...QUIET, onPass })).rejects.toThrow();
        await writer.append({ entries: [event({ id: 'other', sessionId: 'one\uFFFD' })], receivedMs: NOON });
        await writer.close();
        expect(await copyToShared({ file, target, ...CALENDAR, ...QUIET })).toEqual(SAME);
        const database = new Database(target, { name: 'test', max: 1, wants: 'primary', statementMs: 0 });
        expect(await database.rows(`SELECT session_id FROM sessions ORDER BY session_id`)).toEqual(
          ['one\uFFFD', 'one\uFFFD', 'together'].map((session_id) => ({ session_id })),
        );
        expect(await database.rows(`SELECT value FROM dimension_values WHERE dimension = 'team' ORDER BY value`)).toEqual(
          ['a\uFFFDb', 'platform'].map((value) => ({ value })),
        );
        await database.close();
        await destroy();
      },
      TIMEOUT_MS,
    );

    test(
      'has what was changed in entries that it has already',
      async () => {
        const { file, writer, destroy } = await openTestLedger();
        await writer.append({ entries: [event({ id: 'one' })], receivedMs: NOON });
        const onPass = async (): Promise<void> => {
          await writer.close();
          const source = new DatabaseSync(file);
          source.exec(`UPDATE entries SET flags = flags | ${TIME_UNCERTAIN}`);
          source.close();
        };
        expect(await copyToShared({ file, target: await emptyDatabase(), ...CALENDAR, ...QUIET, onPass })).toEqual(SAME);
        await destroy();
      },
      TIMEOUT_MS,
    );

    test(
      'reads and writes a day of many combinations in parts',
      async () => {
        const { file, writer, destroy } = await openTestLedger();
        const entries = Array.from({ length: 64 * QUARTERS_A_DAY }, (_, index) => {
          const [quarter, names] = [index % QUARTERS_A_DAY, Math.floor(index / QUARTERS_A_DAY)];
          const timeMs = Date.parse('2026-11-20T00:00:00Z') + quarter * QUARTER_MS;
          return event({ id: `${index}`, sessionId: `many ${names}`, team: `team ${names % 8}`, user: `user-${names >> 3}@example.com`, timeMs });
        });
        for (let at = 0; at < entries.length; at += 1_000) {
          await writer.append({ entries: entries.slice(at, at + 1_000), receivedMs: NOON + DAY_MS });
        }
        await writer.close();
        const said: string[] = [];
        expect(await copyToShared({ file, target: await emptyDatabase(), ...CALENDAR, ...QUIET, say: (text) => said.push(text) })).toEqual(SAME);
        expect(said.filter((text) => text === 'sums of 2026-11-20')).toHaveLength(2);
        await destroy();
      },
      TIMEOUT_MS,
    );

    test(
      'takes its time, whatever bounds the database has',
      async () => {
        const target = await emptyDatabase();
        const open = () => new Database(target, { name: 'test', max: 1, wants: 'primary', statementMs: 0 });
        const bounds = ['statement_timeout', 'idle_in_transaction_session_timeout', ...(version >= 17 ? ['transaction_timeout'] : [])];
        const database = open();
        for (const bound of bounds) await database.run(`ALTER DATABASE ${quotedName(target.database)} SET ${bound} = '5min'`);
        await database.close();
        const bounded = open();
        const settings = bounds.map((bound) => `current_setting('${bound}')`).join();
        const shown = (begin: string) => bounded.transaction(async (sql) => (await sql.arrays(`SELECT ${settings}`))[0], { begin });
        expect(await shown('BEGIN')).toEqual(bounds.map(() => '5min'));
        for (const begin of [UNHURRIED, UNHURRIED_INSTANT]) expect(await shown(begin)).toEqual(bounds.map(() => '0'));
        await bounded.close();
      },
      TIMEOUT_MS,
    );

    test(
      'that is not finished is read by no collector, and nothing is written beside it',
      async () => {
        const url = await server.createDatabase();
        const target = targetAt(url);
        const say = (text: string): void => {
          if (text.startsWith('verifying')) throw new Error('broken off');
        };
        await expect(copyToShared({ file: (await unchanged()).file, target, ...CALENDAR, ...QUIET, say })).rejects.toThrow();
        const directory = openDirectoryStore(target);
        await expect(directory.changing(async () => undefined)).rejects.toThrow('to this database is not finished');
        await directory.close();
        const data = mkdtempSync(join(tmpdir(), 'ledgerline-'));
        const started = spawnCollector(data, { role: 'reader', storage: { url } }).then((collector) => collector.kill());
        await expect(started).rejects.toThrow('to this database is not finished');
        rmSync(data, { recursive: true });
      },
      TIMEOUT_MS,
    );

    test(
      'is gone on with by the run that was begun last: what an earlier one still has in hand is not written any more',
      async () => {
        const random = seededRandom(`two runs ${version}`);
        const ledger = await randomSource(random);
        const { file } = ledger;
        const target = await emptyDatabase();
        const later = Promise.withResolvers<void>();
        const ended = Promise.withResolvers<void>();
        let newer: Promise<unknown> = Promise.resolve();
        let passes = 0;
        const runLater = async (): Promise<void> => {
          later.resolve();
          await ended.promise;
          await appendMore(ledger.writer, random, 'after the earlier run', 20);
          await ledger.writer.close();
        };
        const older = copyToShared({
          ...{ file, target, ...CALENDAR, ...QUIET },
          onPass: async () => {
            if (++passes > 3) ended.resolve();
            if (passes > 1) return;
            newer = copyToShared({ file, target, ...CALENDAR, ...QUIET, onPass: runLater });
            await later.promise;
          },
        });
        await expect(older.finally(() => ended.resolve())).rejects.toThrow('Another run has taken over this copy.');
        expect(await newer).toEqual(SAME);
        await sameAnswers(file, target, 'after two runs');
        await (await openWriter({ target, ...CALENDAR })).close();
        await ledger.destroy();
      },
      TIMEOUT_MS,
    );

    test(
      'is refused where there is a ledger, and for another calendar',
      async () => {
        const { file } = await unchanged();
        const target = await emptyDatabase();
        const writer = await openWriter({ target, ...CALENDAR });
        await expect(copyToShared({ file, target, ...CALENDAR, ...QUIET })).rejects.toThrow('A collector runs on the database.');
        await appendMore(writer, seededRandom('another ledger'), 'its own', 3);
        await writer.close();
        await expect(copyToShared({ file, target, ...CALENDAR, ...QUIET })).rejects.toThrow('The database has a ledger already.');
        const elsewhere = copyToShared({ ...{ file, ...CALENDAR, ...QUIET }, target: await emptyDatabase(), timeZone: 'Asia/Kolkata' });
        await expect(elsewhere).rejects.toThrow(`The source's days are cut in another calendar: "UTC monday"`);
      },
      TIMEOUT_MS,
    );

    test(
      'ends where a user is erased at the source meanwhile, so that the former name is not kept',
      async () => {
        const ledger = await randomSource(seededRandom(`erased ${version}`));
        const { file, writer } = ledger;
        const target = await emptyDatabase();
        const onPass = async (): Promise<void> => {
          await writer.erase({ names: ['ben@example.com'], pseudonym: 'erased-2', isRemembered: false, isTrial: false });
        };
        await expect(copyToShared({ file, target, ...CALENDAR, ...QUIET, onPass })).rejects.toThrow('Users were erased or renamed at the source');
        await writer.close();
        await expect(copyToShared({ file, target, ...CALENDAR, ...QUIET })).rejects.toThrow('Users were erased or renamed at the source');
        await ledger.destroy();
      },
      TIMEOUT_MS,
    );

    test(
      'that was tampered with is not the same, figure by figure',
      async () => {
        const { file } = await unchanged();
        const target = await emptyDatabase();
        const database = new Database(target, { name: 'test', max: 1, wants: 'primary', statementMs: 0 });
        const holder = await openEmbeddedWriter({ file, ...CALENDAR });
        const onPass = async (): Promise<void> => {
          await database.run(`UPDATE sessions SET cost = cost + 1 WHERE session_id = 'huge'`);
          await database.run('UPDATE rollup_total_person SET cost = coalesce(cost, 0) + 7');
          await database.run('UPDATE api_requests SET output = output + 1');
          await database.run(`UPDATE entries SET time_ms = time_ms + 1 WHERE session = (SELECT session FROM sessions WHERE session_id = 'huge')`);
          await database.run('UPDATE dimension_values SET has_spend = NOT has_spend');
          await database.run(`UPDATE state SET value = value + 1 WHERE name = 'appended'`);
          await database.run('DELETE FROM erased');
          await holder.close();
        };
        const { differences } = await copyToShared({ file, target, ...CALENDAR, ...QUIET, onPass });
        expect(differences).toContainEqual(expect.stringMatching(/^session huge: cost is \d+ at the source, \d+ in the copy\.$/));
        expect(differences).toContainEqual(expect.stringMatching(/^cost by user of \["[^"]*"\]: -?\d+ at the source, -?\d+ in the copy\.$/));
        expect(differences).toContainEqual('requests as the API counted them: not the same.');
        expect(differences).toContainEqual(expect.stringMatching(/^session huge: entries\.time_ms is \d+ at the source, \d+ in the copy\.$/));
        expect(differences).toContainEqual(expect.stringMatching(/^dimension_values: \d+ rows in both, and not the same\.$/));
        expect(differences).toContainEqual(expect.stringMatching(/^state: \d+ rows in both, and not the same\.$/));
        expect(differences).toContainEqual(expect.stringMatching(/^erased: \d+ rows at the source, 0 in the copy\.$/));
        await expect(openWriter({ target, ...CALENDAR })).rejects.toThrow('is not finished');
        await database.close();
      },
      TIMEOUT_MS,
    );
  });
});
