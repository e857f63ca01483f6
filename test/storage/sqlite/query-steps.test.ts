/** Queries share their thread: they work in steps, and others are answered between two of them. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LedgerlineError } from '../../../collector/core/error.ts';
import { turn } from '../../../collector/core/turn.ts';
import { whileWanted } from '../../../collector/core/wanted.ts';
import type { Query } from '../../../collector/ledger/ledger.ts';
import { event, NOON } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';

const QUARTER_MS = 900_000;
const DAY_MS = 96 * QUARTER_MS;
const ENTRIES = 60;
const COST = { measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1_000 } as const;
/** No roll-up but the finest has the terminal by user. */
const WIDE: Query = { ...COST, by: ['user', 'terminal'], grain: 'quarter_hour' };

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await openTestLedger({}, { pace: { stepRows: 1, turnMs: 0 } });
  const entries = Array.from({ length: ENTRIES }, (_, index) => event({ id: `${index}`, timeMs: NOON + index * QUARTER_MS }));
  await ledger.writer.append({ entries, receivedMs: NOON + ENTRIES * QUARTER_MS });
});
afterEach(() => ledger.destroy());

test('a small one that comes later is answered first', async () => {
  const answered: string[] = [];
  const wide = ledger.reader.query(WIDE).then(({ rows }) => answered.push(`wide ${rows.length}`));
  const small = ledger.reader.query({ ...COST, by: ['team'] }).then(({ rows }) => answered.push(`small ${rows.length}`));
  await Promise.all([wide, small]);
  expect(answered).toEqual(['small 1', `wide ${ENTRIES}`]);
});

test('one that nobody waits for any more ends at its next step, and leaves its connection to others', async () => {
  const gone = new AbortController();
  const wide = whileWanted(gone.signal, () => ledger.reader.query(WIDE));
  gone.abort(new LedgerlineError('unavailable', 'Nobody waits for it.'));
  await expect(wide).rejects.toThrow('Nobody waits for it.');
  expect((await ledger.reader.query(WIDE)).rows).toHaveLength(ENTRIES);
});

test('one sees the ledger at one instant, whatever is written between its steps', async () => {
  const wide = ledger.reader.query(WIDE);
  // Its instant is that of its first step, and it has many.
  for (let turns = 0; turns < ENTRIES / 4; turns++) await turn();
  const late = event({ id: 'late', timeMs: NOON + (ENTRIES - 1) * QUARTER_MS, cost: '5' });
  await Promise.all([ledger.writer.append({ entries: [late], receivedMs: NOON + ENTRIES * QUARTER_MS }), wide]);
  expect((await wide).totals).toEqual([600_000_000_000n]);
  expect((await ledger.reader.query(WIDE)).totals).toEqual([5_600_000_000_000n]);
});

test('what was moved from closed months is read in steps, too, by itself and for what was spent in its time', async () => {
  await ledger.writer.closeMonth('2026-10', NOON);
  const old = Array.from({ length: ENTRIES }, (_, index) => event({ id: `old ${index}`, timeMs: NOON - 40 * DAY_MS + index * QUARTER_MS }));
  await ledger.writer.append({ entries: old, receivedMs: NOON + ENTRIES * QUARTER_MS });
  const turnsOf = async (read: () => Promise<unknown>): Promise<number> => {
    const done = new AbortController();
    const reading = read().finally(() => done.abort());
    let turns = 0;
    for (; !done.signal.aborted; turns++) await turn();
    await reading;
    return turns;
  };
  const inTime: Query = { ...COST, fromMs: NOON, isInTime: true };
  expect((await ledger.reader.query(inTime)).totals).toEqual([600_000_000_000n]);
  expect(await ledger.reader.moved({ by: [], rowsMax: 1 })).toMatchObject([{ sums: { cost: 600_000_000_000n } }]);
  expect(await turnsOf(() => ledger.reader.moved({ by: [], rowsMax: 1 }))).toBeGreaterThan(ENTRIES / 2);
  const { isInTime: _, ...asPosted } = inTime;
  const [inItsTime, posted] = [await turnsOf(() => ledger.reader.query(inTime)), await turnsOf(() => ledger.reader.query(asPosted))];
  expect(inItsTime - posted).toBeGreaterThan(ENTRIES / 2);
});
