/** What only the embedded store does; what every store does is in test/storage/contract/. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Calendar, quarterOf } from '../../../collector/core/calendar.ts';
import { startWorker } from '../../../collector/core/worker-rpc.ts';
import type { LedgerWriter } from '../../../collector/ledger/ledger.ts';
import { Coarsening } from '../../../collector/ledger/quarter-sums.ts';
import { PendingAppends } from '../../../collector/storage/pending-appends.ts';
import { StateTable } from '../../../collector/storage/sqlite/counters.ts';
import { DimsTable } from '../../../collector/storage/sqlite/dimension-sets.ts';
import { openReader } from '../../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../../collector/storage/sqlite/ledger-writer.ts';
import { rebuildCoarse } from '../../../collector/storage/sqlite/rollup-rebuild.ts';
import { migrate } from '../../../collector/storage/sqlite/schema.ts';
import { ThreadWriter } from '../../../collector/storage/thread-writer.ts';
import type { WriterProtocol } from '../../../collector/storage/writer-messages.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { beforeOrderOfArrival, toVersion12 } from '../../support/former-ledger.ts';

const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;

describe('the embedded ledger', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-store-'));
    file = join(folder, 'ledger.sqlite');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Opens the ledger, lets something be done, and closes it again. */
  const withWriter = async (use: (writer: LedgerWriter) => Promise<unknown>) => {
    const writer = await openWriter({ file, ...CALENDAR });
    await use(writer);
    await writer.close();
  };
  const damage = (sql: string) => {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  };
  const book = () => withWriter((writer) => writer.append({ entries: [event({ id: 'a' })], receivedMs: NOON }));

  test('erases whoever repriced also where a thousand others did so since', async () => {
    const repriced = (id: number, who: string) => ({ id, startedMs: NOON, endedMs: NOON, who, book: 'b', asked: {}, outcome: undefined });
    await withWriter((writer) => writer.noteRepricing(repriced(1, 'local:ada')));
    damage(`WITH RECURSIVE later (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM later WHERE id <= 1000)
      INSERT INTO repricings (id, started_ms, who, book, asked) SELECT later.id, started_ms, 'ops', book, asked FROM repricings, later`);
    await withWriter((writer) => writer.erase({ names: ['ada'], pseudonym: 'erased-1', isRemembered: false, isTrial: false }));
    using database = new DatabaseSync(file, { readOnly: true });
    expect(database.prepare('SELECT who, COUNT(*) AS n FROM repricings GROUP BY who ORDER BY n').all()).toEqual([
      { who: 'local:erased-1', n: 1 },
      { who: 'ops', n: 1_000 },
    ]);
  });

  test('refuses a file of a newer schema with a sentence, for writing and for reading', async () => {
    await book();
    damage('PRAGMA user_version = 99');
    const refusal = /was written by a newer Ledgerline: its schema is version 99, this program knows up to \d+\./;
    await expect(openWriter({ file, ...CALENDAR })).rejects.toThrow(refusal);
    expect(() => openReader({ file, ...CALENDAR })).toThrow(refusal);
  });

  test('takes a file of the first schema over, with sums near the end of 64 bits', async () => {
    const dear = (id: number) => event({ id: String(id), cost: '1000000', timeMs: NOON + id });
    const append = (writer: LedgerWriter, from: number, until: number) =>
      writer.append({ entries: Array.from({ length: until - from }, (_, index) => dear(from + index)), receivedMs: NOON });
    await withWriter((writer) => append(writer, 0, 9));
    beforeOrderOfArrival(file);
    damage(`UPDATE sessions SET cost = 9000000000000000000, cost_events = 9000000000000000000;
      ALTER TABLE sessions DROP COLUMN cost_high; ALTER TABLE sessions DROP COLUMN cost_events_high; ALTER TABLE sessions DROP COLUMN cost_metrics_high;
      DROP TABLE closed_months; DROP TABLE moved_postings; DROP TABLE repricings;
      DROP TABLE carries; DROP TABLE removals; DROP TABLE session_links; DROP TABLE erased; DROP INDEX sessions_to_remove; ALTER TABLE sessions DROP COLUMN removed_before_ms;
      ALTER TABLE sessions ADD COLUMN is_pruned INTEGER NOT NULL DEFAULT 0; ALTER TABLE dimension_values DROP COLUMN seen_day;
      ALTER TABLE entries DROP COLUMN held_back; ALTER TABLE entries DROP COLUMN request; DROP TABLE api_requests; ALTER TABLE sessions DROP COLUMN held_back_entries; ALTER TABLE sessions DROP COLUMN is_shared; DROP TABLE session_places; ALTER TABLE dimension_values DROP COLUMN has_spend; PRAGMA user_version = 1`);
    await withWriter((writer) => append(writer, 9, 12));
    const reader = openReader({ file, ...CALENDAR });
    const [session, differences] = [await reader.session('session-1'), await reader.check()];
    await reader.close();
    expect([session?.cost, session?.costBySource.events]).toEqual([usd('12000000'), usd('12000000')]);
    expect(differences).toEqual([]);
  });

  test('finds out what sessions cost in each of their places, in a file from before that was kept', async () => {
    await withWriter((writer) =>
      writer.append({
        receivedMs: NOON,
        entries: [
          event({ id: 'a', cost: '1', dimensions: { workspace: 'shop' } }),
          event({ id: 'b', cost: '2', user: 'bob', timeMs: NOON + 1 }),
          event({ id: 'c', cost: '4', sessionId: 'other' }),
        ],
      }),
    );
    beforeOrderOfArrival(file);
    damage(`DROP TABLE closed_months; DROP TABLE moved_postings; DROP TABLE repricings;
      ALTER TABLE entries DROP COLUMN request; DROP TABLE api_requests; ALTER TABLE sessions DROP COLUMN is_shared; DROP TABLE session_places; PRAGMA user_version = 8;
      CREATE TABLE session_owners (session INTEGER NOT NULL, dims INTEGER NOT NULL, PRIMARY KEY (session, dims)) WITHOUT ROWID`);
    await withWriter(async () => undefined);
    const reader = openReader({ file, ...CALENDAR });
    const [inShop] = await reader.sessions({ limit: 9, where: [{ dimension: 'workspace', values: ['shop'] }] });
    const ofBob = await reader.session('session-1', [{ dimension: 'user', values: ['bob'] }]);
    const differences = await reader.check();
    await reader.close();
    expect([inShop?.sessionId, inShop?.cost, ofBob?.cost, differences]).toEqual(['session-1', usd('1'), usd('2'), []]);
  });

  test('takes over a file whose entries lay by session and whose days were filled with every export', async () => {
    const now = NOON + 5 * 3_600_000;
    const early = Array.from({ length: 40 }, (_, index) =>
      event({ id: `e${index}`, sessionId: `s${index % 7}`, user: `u${index % 3}`, timeMs: NOON + index }),
    );
    const late = Array.from({ length: 40 }, (_, index) =>
      event({ id: `l${index}`, sessionId: `s${index % 9}`, user: `u${index % 5}`, timeMs: now + index }),
    );
    await withWriter(async (writer) => {
      await writer.append({ entries: early, receivedMs: NOON });
      await writer.append({ entries: late, receivedMs: now });
    });
    const people = async () => {
      const reader = openReader({ file, ...CALENDAR });
      const query = { measures: ['cost', 'requests'], by: ['user'], timeZone: 'UTC', where: [], rowsMax: 100 } as const;
      const answers = [await reader.query({ ...query, grain: 'day' }), await reader.query({ ...query, grain: 'total' })].map(({ rows }) => rows);
      const differences = await reader.check();
      await reader.close();
      return { answers, differences };
    };
    const before = await people();
    toVersion12(file);
    expect(() => openReader({ file, ...CALENDAR })).toThrow('written by an older Ledgerline: its table dims_by_key has no column "key"');
    await withWriter(async (writer) => {
      const again = await writer.append({ entries: [...early, ...late], receivedMs: now });
      expect(again).toMatchObject({ appended: 0, duplicates: 80 });
    });
    expect(await people()).toEqual(before);
    expect(before.differences).toEqual([]);
  });

  test('refuses a file with a measure it does not know', async () => {
    await book();
    damage('ALTER TABLE rollup_day_team ADD COLUMN carbon INTEGER NOT NULL DEFAULT 0');
    await expect(openWriter({ file, ...CALENDAR })).rejects.toThrow(
      'its table rollup_day_team has a column "carbon" that this program does not know',
    );
  });

  test('fills a new roll-up at the next start where the one that made it ended before', async () => {
    await book();
    damage('DROP TABLE rollup_day_team');
    const database = new DatabaseSync(file);
    migrate(database);
    database.close();
    await withWriter(async () => undefined);
    const reader = openReader({ file, ...CALENDAR });
    const differences = await reader.check();
    await reader.close();
    expect(differences).toEqual([]);
  });

  test('refuses to read a file that lacks a dimension or a roll-up, until a writer has added it', async () => {
    await book();
    for (const [sql, named] of [
      ['ALTER TABLE dims DROP COLUMN os', 'its table dims has no column "os"'],
      ['DROP TABLE rollup_day_team', 'its table rollup_day_team has no column "cost"'],
    ] as const) {
      damage(sql);
      expect(() => openReader({ file, ...CALENDAR })).toThrow(`written by an older Ledgerline: ${named}`);
      await withWriter(async () => undefined);
      await openReader({ file, ...CALENDAR }).close();
    }
  });

  test('drops a roll-up that is no longer kept, and fills one that is new from the finest', async () => {
    await book();
    damage('CREATE TABLE rollup_year_planet (bucket INTEGER, dims INTEGER); DROP TABLE rollup_day_team');
    await withWriter(async () => undefined);
    const database = new DatabaseSync(file, { readOnly: true });
    const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE name LIKE 'rollup%' AND type = 'table'`).all();
    database.close();
    expect(tables).not.toContainEqual({ name: 'rollup_year_planet' });
    const reader = openReader({ file, ...CALENDAR });
    const differences = await reader.check();
    const { totals } = await reader.query({ measures: ['cost'], by: ['team'], grain: 'day', timeZone: 'UTC', where: [], rowsMax: 9 });
    await reader.close();
    expect(differences).toEqual([]);
    expect(totals).toEqual([usd('0.01')]);
  });

  test.each([
    [
      'a rate by the minute',
      'UPDATE minutes SET tokens = tokens + 1',
      /^minutes \d+\/\/platform: 1 requests and 31 tokens, entries come to 1 and 30\.$/,
    ],
    ['a lost minute', 'DELETE FROM minutes', /^minutes \d+\/\/platform: missing, entries come to 1 requests and 30 tokens\.$/],
    ['when a person was seen', 'UPDATE people SET first_minute = first_minute + 1', /^people \/platform\/alice@example\.com: minutes /],
    ['a lost person', 'DELETE FROM people', /^people \/platform\/alice@example\.com: missing/],
    [
      'what is missing of a session',
      `UPDATE sessions SET missing_events = 1 WHERE session_id = 'session-1'`,
      /^session session-1: 0 of 1 event numbers are missing by its entries, 1 of 1 /,
    ],
    ['a delayed roll-up', 'UPDATE rollup_day_feature SET requests = 2', /^all: requests is 1 by rollup_quarter_hour and 2 by rollup_day_feature\.$/],
    [
      'the one place of a session',
      `UPDATE sessions SET is_shared = 0 WHERE session_id = 'moved'`,
      /^session moved: has 2 places by its entries, and one by the sessions table\.$/,
    ],
    [
      'what a session cost in a place',
      'UPDATE session_places SET cost = 1 WHERE cost = 0',
      /^session moved in .*: cost is 0 by its entries and 1 by /,
    ],
  ])('finds that %s does not follow from the entries', async (_what, sql, sentence) => {
    const moved = { sessionId: 'moved', cost: '0', amounts: {} } as const;
    await withWriter((writer) =>
      writer.append({
        entries: [
          event({ id: 'a', sequence: 0 }),
          event({ ...moved, id: 'b', source: 'metrics' }),
          event({ ...moved, id: 'c', source: 'metrics', cost: '0.01', dimensions: { workspace: 'shop' } }),
        ],
        receivedMs: NOON + 3_600_000,
      }),
    );
    damage(sql);
    const reader = openReader({ file, ...CALENDAR });
    const differences = await reader.check();
    await reader.close();
    expect(differences).toEqual([expect.stringMatching(sentence)]);
  });

  test('answers exactly while a quarter of an hour is half added up, and takes in what comes late on either side', async () => {
    const run = (agent: number, id = String(agent)) =>
      event({ id, dimensions: { agent: `a${agent}` }, timeMs: NOON + agent, amounts: { subagents: 1 } });
    const later = (hours: number) => event({ id: `later ${hours}`, timeMs: NOON + hours * 3_600_000 });
    await withWriter(async (writer) => {
      const reader = openReader({ file, ...CALENDAR });
      const counts = async () => {
        const { rows } = await reader.query({ measures: ['subagents'], by: ['agent'], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 9_999 });
        return [
          rows.length,
          rows
            .filter(({ values }) => values[0] === 2n)
            .map(({ key }) => key[0])
            .sort(),
          await reader.check(),
        ];
      };
      // One sender may bring a quarter of a dimension's limit in an hour.
      for (const first of [0, 500, 1_000]) {
        await writer.append({ entries: Array.from({ length: 500 }, (_, agent) => run(first + agent)), receivedMs: NOON, sender: `from ${first}` });
      }
      await writer.append({ entries: [later(1)], receivedMs: NOON + 3_600_000 });
      expect(await counts()).toEqual([1_500, [], []]);
      await writer.append({ entries: [run(0, 'late'), run(1_499, 'late too')], receivedMs: NOON });
      expect(await counts()).toEqual([1_500, ['a0', 'a1499'], []]);
      await writer.append({ entries: [later(2)], receivedMs: NOON + 2 * 3_600_000 });
      expect(await counts()).toEqual([1_500, ['a0', 'a1499'], []]);
      await reader.close();
    });
  });

  test('gets over a watermark that a clock far ahead has left', async () => {
    await book();
    const ahead = new DatabaseSync(file);
    new StateTable(ahead).setFacts({ rolledUp: { bucket: 9_999_999, dims: 0 } });
    rebuildCoarse(ahead, new Coarsening(new Calendar(CALENDAR), new DimsTable(ahead, () => undefined)));
    ahead.close();
    await withWriter(async (writer) => {
      const hour = (hours: number) => NOON + hours * 3_600_000;
      for (const hours of [1, 2]) await writer.append({ entries: [event({ id: `${hours}`, timeMs: hour(hours) })], receivedMs: hour(hours) });
      const reader = openReader({ file, ...CALENDAR });
      expect(await reader.check()).toEqual([]);
      await reader.close();
    });
    using database = new DatabaseSync(file, { readOnly: true });
    const { value } = database.prepare(`SELECT value FROM state WHERE name = 'rolled_up_bucket'`).get() ?? {};
    expect(value).toBe(quarterOf(NOON + 2 * 3_600_000) - 1);
  });

  test('keeps a second writer off the same file', async () => {
    await withWriter(() => expect(openWriter({ file, ...CALENDAR })).rejects.toMatchObject({ code: 'unavailable' }));
  });

  test('backs up what was committed, whole, and overwrites nothing', async () => {
    const copy = join(folder, 'copy.sqlite');
    await withWriter(async (writer) => {
      await writer.append({ entries: [event({ id: 'a' })], receivedMs: NOON });
      await writer.backup(copy);
      await writer.append({ entries: [event({ id: 'b', timeMs: NOON + 1 })], receivedMs: NOON });
      await expect(writer.backup(copy)).rejects.toThrow(/exists/);
    });
    expect(existsSync(`${copy}.partial`)).toBe(false);
    const reader = openReader({ file: copy, ...CALENDAR });
    expect((await reader.status()).entries).toBe(1);
    expect(await reader.check()).toEqual([]);
    await reader.close();
  });

  test('values beyond a dimension limit are booked under "(other)" and counted', async () => {
    const efforts = Array.from({ length: 103 }, (_, index) =>
      event({ id: String(index), timeMs: NOON + index, dimensions: { effort: `e${index}` } }),
    );
    await withWriter(async (writer) => {
      // No sender brings more than it may.
      for (let at = 0; at < efforts.length; at += 40)
        await writer.append({ entries: efforts.slice(at, at + 40), receivedMs: NOON, sender: `s${at}` });
    });
    const reader = openReader({ file, ...CALENDAR });
    const { rows } = await reader.query({ measures: ['requests'], by: ['effort'], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 999 });
    const { overflow } = await reader.status();
    await reader.close();
    expect(rows).toHaveLength(101);
    expect(rows.find((row) => row.key[0] === '(other)')?.values).toEqual([3n]);
    expect(overflow.effort).toBeGreaterThanOrEqual(3);
  });

  test('tells that its writer is lost when the thread ends by itself, and not when it is closed', async () => {
    const url = new URL('./ending-worker.ts', import.meta.url);
    const worker = await startWorker<WriterProtocol>({ url, name: 'writer', options: CALENDAR, answers: {} });
    const writer = new ThreadWriter(worker, new PendingAppends({}), () => Promise.resolve());
    await expect(writer.lost).resolves.toMatchObject({ code: 'unavailable' });
    await expect(writer.append({ entries: [], receivedMs: NOON })).rejects.toMatchObject({ code: 'unavailable' });
    await withWriter(async (open) => {
      const first = await Promise.race([open.lost, open.isWritable()]);
      expect(first).toBe(true);
    });
  });
});
