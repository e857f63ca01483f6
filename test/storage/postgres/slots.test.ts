/** Sessions kept in several slots, as a database of many shards has them, here on a single one. */
import { expect, test } from '@jest/globals';
import { Fold } from '../../../collector/storage/postgres/fold.ts';
import { openReader } from '../../../collector/storage/postgres/ledger-reader.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { append, CALENDAR, useDatabase } from './writing.ts';

const CENT = 10_000_000_000n;
const SLOTS = 8;
const HOUR = 3_600_000;

describeWithBackend(['postgres15'], 'several slots', () => {
  const ledger = useDatabase({ slots: SLOTS });
  const ids = Array.from({ length: 40 }, (_, index) => `e${index}`);

  test('come to the same as one', async () => {
    const [one, other] = [await ledger.open(), await ledger.open()];
    const outcomes = await Promise.all([append(one, ...ids.slice(0, 30)), append(other, ...ids.slice(10))]);
    expect(outcomes.reduce((sum, { appended }) => sum + appended, 0)).toBe(40);
    expect(await ledger.count(`(SELECT DISTINCT slot FROM sessions WHERE rev > 0 AND slot = session % ${SLOTS}) s`)).toBe(SLOTS);
    expect(await ledger.costs()).toMatchObject({ entries: 40n * CENT, recent: 40n * CENT });
    const fold = new Fold({ database: ledger.database, calendar: CALENDAR, slots: SLOTS, rowsAtOnce: 2 });
    expect(await fold.before(Number.MAX_SAFE_INTEGER)).toBeGreaterThan(0);
    expect(await ledger.costs()).toMatchObject({ recent: 0n, day: 40n * CENT, finest: 40n * CENT });
  });

  test('are read again when who moved the last rows was killed before it said so', async () => {
    const writer = await ledger.open();
    await append(writer, 'a');
    const fold = new Fold({ database: ledger.database, calendar: CALENDAR, slots: SLOTS });
    await fold.before(Number.MAX_SAFE_INTEGER);
    await ledger.database.run(`UPDATE meta SET value = '7' WHERE name = 'move_epoch'`);
    const reader = openReader({ target: ledger.target, ...CALENDAR });
    try {
      await expect(reader.people()).rejects.toThrow('being moved');
      expect(await fold.before(Number.MAX_SAFE_INTEGER)).toBe(0);
      expect(await reader.people()).toHaveLength(1);
    } finally {
      await reader.close();
    }
  });

  test('hold what was renamed, and lose what was removed', async () => {
    const writer = await ledger.open();
    await append(writer, ...ids);
    const named = event({ id: 'named', sessionId: 'of alice@example.com', user: 'alice@example.com' });
    await writer.append({ entries: [named], receivedMs: NOON });
    const erasure = { names: ['alice@example.com'], pseudonym: 'erased-1', isRemembered: true, isTrial: false };
    expect(await writer.erase({ ...erasure, isTrial: true })).toMatchObject({ sessions: 1 });
    expect(await ledger.count(`sessions WHERE session_id LIKE '%erased%'`)).toBe(0);
    expect(await writer.erase(erasure)).toMatchObject({ sessions: 1, pseudonym: 'erased-1' });
    expect(await ledger.database.rows(`SELECT session_id FROM sessions WHERE session_id LIKE 'of%'`)).toEqual([{ session_id: 'of erased-1' }]);
    // It is known by its new id, under its new number.
    expect(await writer.append({ entries: [event({ ...named, id: 'named', cost: '0.01' })], receivedMs: NOON })).toMatchObject({ duplicates: 1 });
    expect(await ledger.costs()).toMatchObject({ entries: 41n * CENT, recent: 41n * CENT });
    expect(await writer.prune(NOON + HOUR)).toBe(41);
    expect(await ledger.count('entries')).toBe(0);
    expect(await ledger.count('removals')).toBe(0);
  });
});
