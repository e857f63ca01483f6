/** Rows of sessions that transactions made beforehand and never committed. */
import { expect, test } from '@jest/globals';
import { DAY_MS } from '../../../collector/core/duration.ts';
import { migrate } from '../../../collector/storage/postgres/schema.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { failAt, useDatabase } from './writing.ts';

const CENT = 10_000_000_000n;
const LATER = NOON + 400 * DAY_MS;

describeWithBackend(['postgres15'], 'sessions that nobody has written', () => {
  const ledger = useDatabase();
  const at = (id: string, timeMs: number) => ({ entries: [event({ id, sessionId: `s-${id}`, timeMs })], receivedMs: timeMs });

  test.each([1, 32])('go with what retention removes, in %i slots, and only when they are as old', async (slots) => {
    await migrate(ledger.database, { slots });
    const writer = await ledger.open();
    // As a check of a future version that this export does not pass: its transaction fails whatever is tried.
    await failAt(ledger.database, 'entries', 4, `RAISE EXCEPTION 'no' USING ERRCODE = '23514'`);
    for (const [id, timeMs] of [
      ['old', NOON],
      ['older', NOON - DAY_MS],
      ['young', LATER],
      ['again', NOON],
    ] as const) {
      await expect(writer.append(at(id, timeMs))).rejects.toThrow('cannot hold this export');
    }
    expect(await ledger.count('sessions WHERE rev = 0')).toBe(4);
    await ledger.database.run('DROP TRIGGER fail ON entries');
    expect(await writer.append(at('again', NOON))).toMatchObject({ appended: 1 });

    // One that is being written stays.
    await ledger.database.transaction(async (sql) => {
      await sql.rows(`SELECT 1 FROM sessions WHERE session_id = 's-older' FOR UPDATE`);
      await writer.prune(NOON - 2 * DAY_MS);
      expect(await ledger.count('sessions WHERE rev = 0')).toBe(3);
      await writer.prune(NOON + DAY_MS);
      expect(await ledger.count(`sessions WHERE rev = 0 AND session_id IN ('s-older', 's-young')`)).toBe(2);
      expect(await ledger.count('sessions WHERE rev = 0')).toBe(2);
    });
    await writer.prune(NOON + DAY_MS);
    expect(await ledger.database.rows('SELECT session_id FROM sessions WHERE rev = 0')).toEqual([{ session_id: 's-young' }]);
    expect(await ledger.count('sessions WHERE rev > 0')).toBe(1);
    // The session is made again, by who had made it before.
    expect(await writer.append(at('old', NOON))).toMatchObject({ appended: 1 });
    expect(await ledger.costs()).toMatchObject({ recent: 2n * CENT });
  });
});
