/** A ledger with closed months, what was moved out of them, adjustments and stand-ins, after a restore and with a catalog that has grown. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MEASURE_NAMES } from '../../../collector/catalog/measures.ts';
import { DAY_MS } from '../../../collector/core/duration.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import type { LedgerReader, LedgerWriter } from '../../../collector/ledger/ledger.ts';
import { ROLLUPS } from '../../../collector/ledger/rollups.ts';
import { requestKey, standInIdentity } from '../../../collector/ledger/stand-ins.ts';
import { openReader } from '../../../collector/storage/sqlite/ledger-reader.ts';
import { openWriter } from '../../../collector/storage/sqlite/ledger-writer.ts';
import { restoreBackup } from '../../../collector/storage/sqlite/restore.ts';
import { adjustment, event, metric, NOON, usd } from '../../support/entries.ts';

const CALENDAR = { timeZone: 'America/New_York', weekStart: 'monday' } as const;
const IN_DECEMBER = Date.parse('2026-12-02T12:07Z');
const IN_JANUARY = Date.parse('2027-01-03T12:07Z');

const request = requestKey({ id: 'req_1', model: 'claude-opus-5-5', input: 10, cacheRead: 0, cacheCreation: 0 });
const reported = event({ id: 'reported', timeMs: NOON + 200, request });
const standIn: Entry = {
  ...event({ id: 's', cost: '0', request, dimensions: { origin: 'transcripts' } }),
  ...{ identity: standInIdentity('s'), listCost: usd('0.02'), isCostMissing: true, isStandIn: true },
};

/** Two months that are closed, each changed afterwards by all that may change it, with figures below zero in the month that was open. */
async function fill(writer: LedgerWriter): Promise<void> {
  const receive = (receivedMs: number, ...entries: Entry[]) => writer.append({ entries, receivedMs });
  const estimated: Entry = { ...event({ id: 'estimated', cost: '0', sessionId: 'b' }), isCostMissing: true, listCost: usd('2') };
  await receive(NOON + DAY_MS, event({ id: 'a', cost: '2' }), standIn, estimated, adjustment({ id: 'first', cost: '-5', user: 'ada' }));
  await writer.closeMonth('2026-11', IN_DECEMBER);
  await receive(IN_DECEMBER, reported, event({ id: 'late', cost: '3', timeMs: NOON + 1 }), adjustment({ id: 'second', cost: '-7', team: 'data' }));
  await receive(IN_DECEMBER, metric({ id: 'm', sessionId: 'b', cost: '0.75', startMs: NOON - 1_000, timeMs: NOON + 1_000 }));
  await receive(IN_DECEMBER, event({ id: 'own', sessionId: 'c', timeMs: IN_DECEMBER }));
  await writer.closeMonth('2026-12', IN_JANUARY);
  await receive(IN_JANUARY, event({ id: 'older', cost: '0.5', timeMs: NOON - 40 * DAY_MS }), adjustment({ id: 'third', timeMs: IN_DECEMBER }));
}

/** All that can be asked for. */
async function figuresOf(reader: LedgerReader) {
  const query = { measures: MEASURE_NAMES, grain: 'quarter_hour', timeZone: 'UTC', where: [], rowsMax: 999 } as const;
  return {
    quarters: (await reader.query({ ...query, by: ['team', 'user', 'model', 'origin'] })).rows,
    months: (await reader.query({ ...query, by: ['team'], grain: 'month', timeZone: CALENDAR.timeZone })).rows,
    closed: await reader.closedMonths(),
    moved: await reader.moved({ by: ['team', 'user', 'origin'], rowsMax: 99 }),
    sessions: await Promise.all(['session-1', 'b', 'c'].map((id) => reader.session(id))),
    differences: await reader.check(),
  };
}

describe('a ledger with closed months', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-closed-'));
    file = join(folder, 'ledger.sqlite');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function opened<Result>(path: string, use: (writer: LedgerWriter, reader: LedgerReader) => Promise<Result>): Promise<Result> {
    const writer = await openWriter({ file: path, ...CALENDAR });
    const reader = openReader({ file: path, ...CALENDAR });
    try {
      return await use(writer, reader);
    } finally {
      await reader.close();
      await writer.close();
    }
  }

  test('is the same after a restore, and goes on like the one that was backed up', async () => {
    const [backup, target] = [join(folder, 'backup.sqlite'), join(folder, 'data', 'ledger.sqlite')];
    const before = await opened(file, async (writer, reader) => {
      await fill(writer);
      await writer.backup(backup);
      return figuresOf(reader);
    });
    expect(before.differences).toEqual([]);
    expect(before.closed.map(({ month }) => month)).toEqual(['2026-11', '2026-12']);
    expect(new Set(before.moved.map(({ month }) => month))).toEqual(new Set(['2026-10', '2026-11', '2026-12']));
    mkdirSync(join(folder, 'data'));
    restoreBackup({ ledger: { backup, target }, stamp: 'then' });
    const goOn = async (writer: LedgerWriter, reader: LedgerReader) => {
      const found = await figuresOf(reader);
      await expect(writer.closeMonth('2027-02', IN_JANUARY + 90 * DAY_MS)).rejects.toThrow('the next one is 2027-01');
      const again = [standIn, reported, adjustment({ id: 'second', cost: '-7', team: 'data' })];
      const known = await writer.append({ entries: again, receivedMs: IN_JANUARY });
      await writer.append({ entries: [adjustment({ id: 'fourth', cost: '-1' })], receivedMs: IN_JANUARY + DAY_MS });
      return { found, known, after: await figuresOf(reader) };
    };
    const [restored, original] = [await opened(target, goOn), await opened(file, goOn)];
    expect(restored.found).toEqual(before);
    expect(restored.known).toMatchObject({ appended: 0, duplicates: 3 });
    expect(restored.after).toEqual(original.after);
    expect(restored.after.differences).toEqual([]);
  });

  test('stays whole when the catalog grows: a new measure is nothing in what was closed, and is moved like any other', async () => {
    const before = await opened(file, async (writer, reader) => {
      await fill(writer);
      return figuresOf(reader);
    });
    const database = new DatabaseSync(file);
    for (const { table } of ROLLUPS) database.exec(`ALTER TABLE ${table} DROP COLUMN cost_contracted`);
    database.exec('ALTER TABLE dims DROP COLUMN price_basis');
    database.close();
    await opened(file, async (writer, reader) => {
      expect(await figuresOf(reader)).toEqual(before);
      const correction = (id: string, timeMs: number) => adjustment({ id, cost: '0', timeMs, amounts: { cost_contracted: 4 } });
      const entries = [correction('x', NOON), correction('y', IN_DECEMBER), correction('z', IN_JANUARY)];
      await writer.append({ entries, receivedMs: IN_JANUARY });
      const after = await figuresOf(reader);
      expect([after.closed, after.differences]).toEqual([before.closed, []]);
      const closed = (rows: typeof before.months) => rows.filter(({ startMs = 0 }) => startMs < Date.parse('2027-01-01'));
      expect(closed(after.months)).toEqual(closed(before.months));
      const contracted = await reader.moved({ by: [], rowsMax: 9 });
      expect(contracted.map(({ month, sums }) => [month, sums.cost_contracted])).toEqual([
        ['2026-10', undefined],
        ['2026-11', 4n],
        ['2026-12', 4n],
      ]);
    });
  });
});
