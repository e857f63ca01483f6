/** Sums on their way into the coarser roll-ups, which several may move at once, and which may fail at any instant. */
import { describe, expect, test } from '@jest/globals';
import { FINEST } from '../../../collector/ledger/rollups.ts';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { Fold } from '../../../collector/storage/postgres/fold.ts';
import { COARSER } from '../../../collector/storage/postgres/schema.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { append, CALENDAR, failAt, useDatabase } from './writing.ts';

const CENT = 10_000_000_000n;
const QUARTER = 900_000;

describeWithBackend(['postgres15'], 'adding up roll-ups on PostgreSQL', () => {
  const ledger = useDatabase();
  const folds: Database[] = [];
  const fold = (rowsAtOnce?: number): Fold => {
    const database = new Database(ledger.target, { name: 'fold', max: 1, wants: 'primary', statementMs: 5_000, lockMs: 2_000 });
    folds.push(database);
    return new Fold({ database, calendar: CALENDAR, slots: 1, ...(rowsAtOnce !== undefined && { rowsAtOnce }) });
  };
  const closeAll = async () => {
    for (const database of folds.splice(0)) await database.close();
  };
  const fill = async (ids: number) => {
    const writer = await ledger.open();
    const entries = Array.from({ length: ids }, (_, index) =>
      event({ id: `e${index}`, sessionId: `s${index % 5}`, timeMs: NOON + index * QUARTER, user: `user-${index % 7}@example.com` }),
    );
    await writer.append({ entries, receivedMs: NOON });
    return writer;
  };
  /** In every coarse roll-up, with what is not moved yet. */
  const expectAll = async (cents: number) => {
    const { entries, recent, finest } = await ledger.costs();
    expect([entries, recent + finest]).toEqual([BigInt(cents) * CENT, BigInt(cents) * CENT]);
    for (const { table } of COARSER) {
      const [row] = await ledger.database.rows(`SELECT coalesce(sum(cost), 0) + $1 AS cost FROM ${table}`, [String(recent)]);
      expect([table, row?.cost]).toEqual([table, String(BigInt(cents) * CENT)]);
    }
  };

  test('moves what is over, and leaves what is not', async () => {
    await fill(40);
    const moved = await fold().over(NOON + 10 * QUARTER + 119_999);
    expect(moved).toBe(9);
    expect(await fold().over(NOON + 10 * QUARTER + 120_000)).toBe(1);
    expect(await ledger.costs()).toMatchObject({ recent: 30n * CENT, finest: 10n * CENT });
    await expectAll(40);
    await closeAll();
  });

  test('moves a few with each step, what comes late as well, and corrections', async () => {
    const writer = await fill(40);
    expect(await fold(7).before(Number.MAX_SAFE_INTEGER)).toBe(40);
    await append(writer, 'late');
    expect(await fold(7).before(Number.MAX_SAFE_INTEGER)).toBe(1);
    expect(await ledger.count('recent')).toBe(0);
    await expectAll(41);
    expect(await ledger.count(`rollup_total_person WHERE cost > 0`)).toBe(8);
    await closeAll();
  });

  test('goes on where it was when its connection is terminated in between', async () => {
    await fill(40);
    await failAt(ledger.database, 'rollup_day_feature', 2, 'PERFORM pg_terminate_backend(pg_backend_pid())');
    expect(await fold(10).before(Number.MAX_SAFE_INTEGER)).toBe(40);
    await expectAll(40);
    await closeAll();
  });

  test('moves each row once when two do it at once, while others add to them', async () => {
    const writer = await fill(60);
    const [one, other] = [fold(5), fold(7)];
    const adding = Array.from({ length: 30 }, (_, index) =>
      writer.append({ entries: [event({ id: `more${index}`, sessionId: `s${index % 5}`, timeMs: NOON + index * QUARTER })], receivedMs: NOON }),
    );
    const moved = await Promise.all([one.before(Number.MAX_SAFE_INTEGER), other.before(Number.MAX_SAFE_INTEGER)]);
    await Promise.all(adding);
    // Which of them does more is chance.
    expect(Math.max(...moved)).toBeGreaterThan(0);
    await expectAll(90);
    await one.before(Number.MAX_SAFE_INTEGER);
    expect(await ledger.count('recent')).toBe(0);
    await expectAll(90);
    await closeAll();
  });

  test('reads again what was changed as a whole', async () => {
    const writer = await fill(10);
    const moving = fold(3);
    expect(await moving.before(NOON / 1000 + 900)).toBe(1);
    await writer.rename({ names: [['user-3@example.com', 'user-4@example.com']], isTrial: false });
    expect(await moving.before(Number.MAX_SAFE_INTEGER)).toBe(9);
    expect(await ledger.count(`dims WHERE "user" = 'user-3@example.com'`)).toBe(0);
    await expectAll(10);
    await closeAll();
  });

  describe('beside a later version, which has one more measure', () => {
    const TABLES = ['recent', FINEST.table, ...COARSER.map(({ table }) => table)];
    const addMeasure = async () => {
      for (const table of TABLES) await ledger.database.run(`ALTER TABLE ${table} ADD COLUMN "later-measure" numeric`);
    };
    const later = async (table: string) =>
      Number((await ledger.database.rows(`SELECT coalesce(sum("later-measure"), 0) AS sum FROM ${table}`))[0]?.sum);

    test('leaves rows to it that have the measure, and moves all others', async () => {
      await fill(10);
      const moving = fold(3);
      expect(await moving.before(NOON / 1000 + 900)).toBe(1);
      await addMeasure();
      // The first ones in the order in which they are moved.
      await ledger.database.run('UPDATE recent SET "later-measure" = 7 WHERE start_s < $1', [NOON / 1000 + 5 * 900]);
      expect(await moving.before(Number.MAX_SAFE_INTEGER)).toBe(5);
      expect([await ledger.count('recent'), await later('recent')]).toEqual([4, 28]);
      await expectAll(10);
      await closeAll();
    });

    test('takes the measure along when a user gets another name', async () => {
      const writer = await fill(21);
      await fold(100).before(NOON / 1000 + 14 * 900);
      await addMeasure();
      for (const table of TABLES) await ledger.database.run(`UPDATE ${table} SET "later-measure" = 7`);
      const before = await Promise.all(TABLES.map(later));
      await writer.rename({ names: [['user-3@example.com', 'user-4@example.com']], isTrial: false });
      expect(await ledger.count(`dims WHERE "user" = 'user-3@example.com'`)).toBe(0);
      expect(await Promise.all(TABLES.map(later))).toEqual(before);
      expect(Math.min(...before)).toBeGreaterThan(0);
      await expectAll(21);
      await closeAll();
    });
  });
});
