/** Files of the past, which call the organization by its former name, are opened with the same figures. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DimensionName } from '../../../collector/catalog/measures.ts';
import { budgetSchema } from '../../../collector/config/budgets.ts';
import { openAlertStore } from '../../../collector/storage/sqlite/alert-store.ts';
import { openBudgetStore } from '../../../collector/storage/sqlite/budget-store.ts';
import { openReader } from '../../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../../collector/storage/sqlite/ledger-writer.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { beforeOrderOfArrival } from '../../support/former-ledger.ts';
import { delivery, record } from '../contract/outbox/suite.ts';

const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;
const HOUR_MS = 3_600_000;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-former-'));
  file = join(folder, 'some.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const execute = (sql: string): void => {
  using database = new DatabaseSync(file);
  database.exec(sql);
};

const rows = (sql: string): Record<string, unknown>[] => {
  using database = new DatabaseSync(file, { readOnly: true });
  return database.prepare(sql).all();
};

const of = (id: string, organization: string, cost: string) => event({ id, cost, dimensions: { organization } });

const append = async (...entries: ReturnType<typeof event>[]): Promise<void> => {
  const writer = await openWriter({ file, ...CALENDAR });
  await writer.append({ entries, receivedMs: NOON });
  await writer.close();
};

/** What the first version of the schema had, without what later ones added. */
const makeFormer = (): void => {
  beforeOrderOfArrival(file);
  execute(`DROP INDEX sessions_to_remove;
    ALTER TABLE sessions ADD COLUMN is_pruned INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sessions DROP COLUMN removed_before_ms;
    ALTER TABLE sessions DROP COLUMN cost_high;
    ALTER TABLE dimension_values DROP COLUMN seen_day;
    ALTER TABLE entries DROP COLUMN held_back; ALTER TABLE entries DROP COLUMN request; DROP TABLE api_requests;
    ALTER TABLE sessions DROP COLUMN held_back_entries; ALTER TABLE sessions DROP COLUMN is_shared; DROP TABLE session_places;
    ALTER TABLE dimension_values DROP COLUMN has_spend;
    DROP TABLE closed_months; DROP TABLE moved_postings; DROP TABLE repricings;
    DROP TABLE removals;
    DROP TABLE session_links; DROP TABLE erased;
    DROP TABLE carries;
    ALTER TABLE dims RENAME COLUMN organization TO organisation;
    UPDATE dimension_values SET dimension = 'organisation' WHERE dimension = 'organization';
    INSERT INTO state VALUES ('overflow:organisation', 3);
    PRAGMA user_version = 1`);
};

async function figures() {
  await using reader = { ...{ of: openReader({ file, ...CALENDAR }) }, [Symbol.asyncDispose]: () => reader.of.close() };
  const query = { measures: ['cost', 'requests'], by: ['organization'], timeZone: 'UTC', where: [], rowsMax: 100 } as const;
  const { overflow } = await reader.of.status();
  return {
    byHour: (await reader.of.query({ ...query, grain: 'hour' })).rows,
    byDay: (await reader.of.query({ ...query, grain: 'day' })).rows,
    people: await reader.of.people(),
    minutes: await reader.of.minutes({ fromMs: NOON - HOUR_MS, toMs: NOON + HOUR_MS }),
    sessions: await reader.of.sessions({ limit: 9 }),
    overflow: overflow.organization ?? 0,
  };
}

describe('a ledger whose organization has its former name', () => {
  test('is refused for reading, and has the same figures once a writer opened it', async () => {
    await append(of('a', 'acme', '1.25'), of('b', 'other', '2'), of('c', '', '4'));
    const before = await figures();
    makeFormer();
    expect(() => openReader({ file, ...CALENDAR })).toThrow('was written by an older Ledgerline: its table dims has no column "organization"');
    await append();
    expect(await figures()).toEqual({ ...before, overflow: 3 });
    expect(rows("SELECT value FROM dimension_values WHERE dimension LIKE 'organi%' ORDER BY dimension, value")).toEqual([
      { value: 'acme' },
      { value: 'other' },
    ]);
  });

  test('goes on with the same rows: a record is booked once, the same person is one', async () => {
    await append(of('a', 'acme', '1.25'));
    makeFormer();
    await append(of('a', 'acme', '1.25'), of('d', 'acme', '0.75'));
    const { byDay, people } = await figures();
    expect(byDay.map(({ key, values }) => [key, values])).toEqual([[['acme'], [usd('2'), 2n]]]);
    expect(people).toHaveLength(1);
    expect(rows('SELECT COUNT(*) AS count FROM dims GROUP BY organization, team, user, model, workspace HAVING count > 1')).toEqual([]);
  });
});

describe('a ledger of before there were jobs', () => {
  const JOB = ['job', 'branch', 'pull_request', 'run'] as const;

  test('is refused for reading, and gains them: what was booked stays, and is of none', async () => {
    await append(of('a', 'acme', '1.25'), of('b', 'other', '2'));
    const before = await figures();
    for (const name of JOB) execute(`ALTER TABLE dims DROP COLUMN ${name}`);
    expect(() => openReader({ file, ...CALENDAR })).toThrow('its table dims has no column "job"');
    const dimensions = { organization: 'acme', job: 'ci:acme/api/nightly', branch: 'main', run: '7' };
    await append(of('a', 'acme', '1.25'), event({ id: 'c', sessionId: 's2', cost: '4', dimensions }));
    const reader = openReader({ file, ...CALENDAR });
    const ask = (by: readonly DimensionName[], grain: 'total' | 'day' | 'month') =>
      reader.query({ measures: ['cost'], by, grain, timeZone: 'UTC', where: [], rowsMax: 100 });
    const expected = [
      [['alice@example.com', ''], usd('3.25')],
      [['alice@example.com', 'ci:acme/api/nightly'], usd('4')],
    ];
    for (const grain of ['total', 'day', 'month'] as const) {
      const { rows: found } = await ask(['user', 'job'], grain);
      expect(found.map(({ key, values: [cost] }) => [key, cost])).toEqual(expected);
    }
    expect((await ask([...JOB], 'total')).rows.map(({ key }) => key)).toEqual([
      ['', '', '', ''],
      ['ci:acme/api/nightly', 'main', '', '7'],
    ]);
    const { rows: organizations } = await ask(['organization'], 'total');
    expect(organizations.map(({ values: [cost = 0n] }) => cost)).toEqual([usd('5.25'), usd('2')]);
    expect(before.byDay).toHaveLength(2);
    expect(await reader.check()).toEqual([]);
    await reader.close();
  });
});

describe('a file of budgets with former names', () => {
  const write = (sql: string, ...values: string[]): void => {
    using database = new DatabaseSync(file);
    database.prepare(sql).run(...values);
  };

  test('counts the same scope, and its history says so', async () => {
    const budget = budgetSchema.parse({ name: 'acme', scope: { organization: 'acme', team: ['a', 'b'] }, amount_usd: '5.00' });
    await openBudgetStore(file).close();
    const body = JSON.stringify({ ...budget, scope: { organisation: 'acme', team: ['a', 'b'] } });
    write(`INSERT INTO entries (at_ms, who, what, name, body) VALUES (1, 'ops', 'budget_set', 'acme', ?)`, body);
    const store = openBudgetStore(file);
    expect([(await store.budgets([]))[0], (await store.audit())[0]?.after]).toEqual([{ ...budget, origin: 'api', raises: [] }, budget]);
    await store.close();
  });

  test('knows who was notified, also after the record was written again', async () => {
    const store = openAlertStore(file);
    const notified = record('a', { notification: 'notified', channels: ['chat'], labels: { scope: 'model=m, organization=acme' } });
    const silent = record('b', { notification: 'silent' });
    const waiting = delivery('1', { labels: { scope: 'organization=acme' } });
    await store.commit({ records: [notified, silent], deliveries: [waiting] });
    execute(`UPDATE alerts SET body = replace(replace(replace(body, '"notification":"notified"', '"telling":"told"'), '"notification"', '"telling"'), 'organization', 'organisation');
      UPDATE deliveries SET body = replace(body, 'organization', 'organisation')`);
    expect(rows(`SELECT id FROM alerts WHERE body LIKE '%notification%' OR body LIKE '%organization%'`)).toEqual([]);
    expect(await store.records()).toEqual([notified, silent]);
    expect((await store.due(NOON, 9))[0]?.labels).toEqual(waiting.labels);
    await store.commit({ records: (await store.records()).map((one) => ({ ...one, notification: 'pending' })), deliveries: [] });
    expect((await store.records()).map(({ notification }) => notification)).toEqual(['pending', 'pending']);
    await store.close();
  });
});
