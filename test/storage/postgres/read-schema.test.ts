/**
 * The schema that others may read, on a real PostgreSQL: any range and any day of any zone is what the ledger says, whether rows are moved out of
 * `recent` or not; and the role that reads it can do nothing else.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { WEEK_STARTS } from '../../../collector/core/calendar.ts';
import { BoardQuery } from '../../../collector/query/boards/board-query.ts';
import type { Database } from '../../../collector/storage/postgres/connection.ts';
import { grantRead } from '../../../collector/storage/postgres/read-grants.ts';
import { followReadSchema } from '../../../collector/storage/postgres/read-schema.ts';
import { LEDGER, replaceDay, replaceSamples } from '../../../collector/storage/postgres/samples.ts';
import { migrate } from '../../../collector/storage/postgres/schema.ts';
import { bigint, int } from '../../../collector/storage/postgres/sql-text.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { event } from '../../support/entries.ts';
import { copyLedger } from '../../support/ledger-into-postgres.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { Random } from '../../support/random.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { leaseDatabase } from './lease-database.ts';

const QUARTER = 900_000;
const FIRST = Date.parse('2026-09-28T00:00:00Z');
const QUARTERS = 45 * 96;
const UTC = { timeZone: 'UTC', weekStart: 'monday' } as const;

/** Days of 23 to 25 hours, of 23:30, days that begin at half an hour of UTC, and a day that never was (30 December 2011). */
const ZONES = ['UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/Havana', 'Pacific/Apia'] as const;

async function randomLedger(timeZone: string): Promise<TestLedger> {
  const ledger = await openTestLedger({ timeZone });
  const random = new Random(15);
  const entries = Array.from({ length: 600 }, (_, index) =>
    event({
      id: String(index),
      sessionId: `session ${random.below(40)}`,
      timeMs: FIRST + random.below(QUARTERS) * QUARTER + random.below(QUARTER),
      cost: `0.${String(1 + random.below(999_999)).padStart(6, '0')}`,
      team: ['platform', 'data', 'unallocated', `'unallocated'`, ''][random.below(5)] ?? '',
      user: `user-${random.below(7)}@example.com`,
      dimensions: { workspace: `workspace ${random.below(3)}`, tool: ['Bash', 'Edit'][random.below(2)] ?? 'Bash' },
    }),
  );
  await ledger.writer.append({ receivedMs: FIRST, entries });
  return ledger;
}

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'the schema to be read', () => {
    let server: RunningPostgres;
    beforeAll(async () => {
      server = await startPostgres({ version });
    }, 240_000);
    const open: Database[] = [];
    afterEach(async () => {
      for (const database of open.splice(0)) await database.close();
    });
    afterAll(() => server?.destroy());

    const connect = (url: string): Database => {
      const database = leaseDatabase(url);
      open.push(database);
      return database;
    };

    async function opened(): Promise<{ url: string; database: Database }> {
      const url = await server.createDatabase();
      const database = connect(url);
      await migrate(database);
      return { url, database };
    }

    test.each(ZONES)(
      'has every range and every day of %s as the ledger has it',
      async (timeZone) => {
        const ledger = await randomLedger(timeZone);
        const { database } = await opened();
        const calendar = { timeZone, weekStart: 'monday' } as const;
        const random = new Random(3);
        await database.transaction(async (sql) => {
          await followReadSchema(sql, calendar);
          await copyLedger(ledger.file, sql, { calendar, isRecent: (ms) => (ms / QUARTER) % 5 === 0 });
        });
        const totals = async (sql: string): Promise<[string, bigint][]> =>
          (await database.arrays(sql))
            .map(([label, amount]): [string, bigint] => [String(label), bigint(amount)])
            .filter(([, amount]) => amount !== 0n);
        const question = { measures: ['cost'], timeZone, where: [], rowsMax: 100_000 } as const;
        for (let round = 0; round < 60; round++) {
          const fromMs = FIRST + random.below(QUARTERS) * QUARTER;
          const toMs = fromMs + (1 + random.below(random.below(2) === 0 ? 130 : QUARTERS)) * QUARTER;
          const [view, by] = (
            [
              ['range_team', 'workspace'],
              ['range_person', 'user'],
              ['range_feature', 'tool'],
              ['range_all', 'user'],
            ] as const
          )[round % 4] ?? ['range_team', 'workspace'];
          const { rows } = await ledger.reader.query({ ...question, by: [by], grain: 'total', fromMs, toMs });
          const shown = await totals(`SELECT "${by}", sum(cost) FROM ledgerline_read.${view}(${fromMs / 1000}, ${toMs / 1000}) GROUP BY 1`);
          const range = [new Date(fromMs), new Date(toMs)];
          expect([range, shown.sort()]).toEqual([range, rows.map(({ key: [name = ''], values: [cost = 0n] }) => [name, cost]).sort()]);
        }
        for (const [view, grain] of [
          ['day_team', 'day'],
          ['day_feature', 'day'],
          ['month_person', 'month'],
          ['quarter_hour', 'quarter_hour'],
        ] as const) {
          const { rows } = await ledger.reader.query({ ...question, by: [], grain });
          const shown = await totals(`SELECT start_s, sum(cost) FROM ledgerline_read.${view} GROUP BY 1 ORDER BY 1`);
          expect([view, shown]).toEqual([view, rows.map(({ startMs = 0, values: [cost = 0n] }) => [String(startMs / 1000), cost])]);
        }
        const [row] = await database.rows('SELECT sum(cost) AS cost, ledgerline_read.known_since() AS since FROM ledgerline_read.total_person');
        const {
          rows,
          totals: [all],
        } = await ledger.reader.query({ ...question, by: [], grain: 'day' });
        expect([bigint(row?.cost), int(row?.since) * 1000]).toEqual([all, rows[0]?.startMs]);
        await ledger.destroy();
      },
      240_000,
    );

    test('has windows of the calendar as boards have them, in every zone and with every first day of a week', async () => {
      const { database } = await opened();
      const random = new Random(4);
      for (const [index, timeZone] of ZONES.entries()) {
        const calendar = { timeZone, weekStart: WEEK_STARTS[index % WEEK_STARTS.length] ?? 'monday' };
        await database.transaction((sql) => followReadSchema(sql, calendar));
        for (let round = 0; round < 40; round++) {
          const nowMs = FIRST + random.below(500 * 86_400) * 1000;
          const asked = new BoardQuery({ timeRange: {}, where: [], calendar, nowMs, rowsMax: 1 });
          for (const window of ['today', 'this_week', 'this_month', 'last_month', 'last_month_to_date'] as const) {
            const { fromMs, toMs } = asked.timeRangeOf(window);
            const [row] = await database.rows(
              'SELECT ledgerline_read.period_from($1, to_timestamp($2)) AS from_s, ledgerline_read.period_to($1, to_timestamp($2)) AS to_s',
              [window, nowMs / 1000],
            );
            const about = [timeZone, window, new Date(nowMs)];
            expect([about, int(row?.from_s) * 1000, int(row?.to_s) * 1000]).toEqual([about, fromMs, toMs]);
          }
        }
      }
    }, 240_000);

    test('has names as they are shown, and nothing of a row as zero', async () => {
      const ledger = await randomLedger('UTC');
      const { database } = await opened();
      await database.transaction(async (sql) => {
        await followReadSchema(sql, UTC);
        await copyLedger(ledger.file, sql, { calendar: UTC, isRecent: (ms) => ms % (2 * QUARTER) === 0 });
      });
      const rows = await database.arrays('SELECT DISTINCT team FROM ledgerline_read.day_team ORDER BY 1');
      expect(rows.flat()).toEqual([`''unallocated''`, `'unallocated'`, 'data', 'platform', 'unallocated']);
      expect(await database.arrays('SELECT sum(commits), sum(cost - cost_events) FROM ledgerline_read.day_team')).toEqual([['0', '0']]);
      await ledger.destroy();
    }, 240_000);

    test('gives a role the views, also those that a later version makes, and nothing else', async () => {
      const { url, database } = await opened();
      await database.transaction((sql) => followReadSchema(sql, UTC));
      await database.run('CREATE ROLE "grafana reader" LOGIN');
      await database.transaction((sql) => grantRead(sql, 'grafana reader'));
      const reader = (): Database => connect(url.replace('//ledgerline@', '//grafana%20reader@'));
      const first = reader();
      expect(await first.arrays('SELECT count(*) FROM day_person')).toEqual([['0']]);
      expect(await first.arrays('SELECT count(*) FROM range_team(0, 900)')).toEqual([['0']]);
      const [settings] = await first.rows(
        `SELECT current_setting('default_transaction_read_only') AS only, current_setting('statement_timeout') AS timeout`,
      );
      expect(settings?.only).toBe('on');
      for (const text of ['SELECT * FROM public.entries', 'SELECT * FROM public.dims', 'SELECT * FROM public.samples'])
        await expect(first.rows(text)).rejects.toThrow('permission denied');
      for (const text of ['DELETE FROM gauges', 'CREATE TABLE mine (id int)'])
        await expect(first.transaction((sql) => sql.run(text), { begin: 'BEGIN READ WRITE' })).rejects.toThrow(
          /permission denied|cannot delete from view/,
        );
      await database.run(`UPDATE public.meta SET value = 'of another version' WHERE name = 'read_schema'`);
      await database.transaction((sql) => followReadSchema(sql, UTC));
      const second = reader();
      expect(await second.arrays('SELECT count(*) FROM day_person')).toEqual([['0']]);
    }, 240_000);

    test('leaves the views of a newer version as they are', async () => {
      const { database } = await opened();
      await database.transaction((sql) => followReadSchema(sql, UTC));
      await database.run('DROP VIEW ledgerline_read.quarter_hour CASCADE');
      await database.run('CREATE VIEW ledgerline_read.quarter_hour AS SELECT 1 AS measure_of_tomorrow');
      await database.run(`UPDATE meta SET value = 'of tomorrow' WHERE name = 'read_schema'`);
      await database.transaction((sql) => followReadSchema(sql, UTC));
      expect(await database.rows('SELECT * FROM ledgerline_read.quarter_hour')).toEqual([{ measure_of_tomorrow: 1 }]);
    }, 240_000);

    test('has gauges and series of the collectors as they were written last', async () => {
      const { database } = await opened();
      const write = (owner: string, atMs: number, ...samples: Parameters<typeof replaceSamples>[2]) =>
        database.transaction((sql) => replaceSamples(sql, owner, samples, atMs));
      await database.transaction((sql) => followReadSchema(sql, UTC));
      const gauge = (team: string, value: number) => ({ name: 'stickiness', labels: { organization: 'acme', team }, value });
      await write(LEDGER, 1_060_000, gauge('gone', 1), gauge(`it's "so"`, 0.25), gauge('no number', Number.NaN), gauge('ends\0and \ud800', 3));
      await write(LEDGER, 1_120_000, gauge(`it's "so"`, 0.5), gauge('ends\0and \ud800', Number.POSITIVE_INFINITY));
      expect(await database.arrays('SELECT metric, organization, team, "user", value FROM ledgerline_read.gauges ORDER BY team')).toEqual([
        ['stickiness', 'acme', 'ends\ufffdand \ufffd', '', 'Infinity'],
        ['stickiness', 'acme', `it's "so"`, '', '0.5'],
      ]);
      const series = (value: number) => ({ name: 'received_total', labels: { outcome: 'accepted' }, value });
      await write('one', 1_120_000, series(4));
      await write('two', 1_121_000, series(5));
      await write('three', 1_000, series(100)); // Has not been heard of for long.
      const [row] = await database.rows(`SELECT sum(value) AS total, min(labels ->> 'outcome') AS outcome FROM ledgerline_read.collector_series`);
      expect(row).toEqual({ total: '9', outcome: 'accepted' });
      await database.transaction((sql) => replaceDay(sql, 86_400_000, [gauge('a', 1), gauge('b', 2)]));
      await database.transaction((sql) => replaceDay(sql, 86_400_000, [gauge('a', 3)]));
      expect(await database.arrays('SELECT day_s, team, value FROM ledgerline_read.gauge_days')).toEqual([['86400', 'a', '3']]);
    }, 240_000);
  });
});
