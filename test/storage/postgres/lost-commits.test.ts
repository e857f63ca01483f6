/** A standby that had not received the last commits becomes the primary: what collectors remember of them is gone, and no error says so. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LedgerWriter } from '../../../collector/ledger/ledger.ts';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { Fold } from '../../../collector/storage/postgres/fold.ts';
import { openWriter } from '../../../collector/storage/postgres/ledger-writer.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { createLedgerDatabase, targetAt } from '../../support/postgres-ledger.ts';
import { type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { waitFor } from '../../support/wait.ts';
import { CALENDAR } from './writing.ts';

const CENT = 10_000_000_000n;
const UNTIL = Number.MAX_SAFE_INTEGER;
const OPTIONS = { max: 1, wants: 'primary', statementMs: 5_000, lockMs: 2_000 } as const;

describeWithBackend(['postgres18'], 'a failover that loses the last commits', () => {
  let primary: RunningPostgres;
  let standby: RunningPostgres;
  beforeAll(async () => {
    primary = await startPostgres({ version: 18 });
    standby = await startPostgres({ version: 18, standbyOf: primary });
  });
  afterAll(async () => {
    await standby.destroy();
    await primary.destroy();
  });

  const by = (writer: LedgerWriter, id: string, { user = 'alice@example.com', cost = '0.01', sessionId = 'shared' } = {}) =>
    writer.append({ entries: [event({ id, sessionId, user, cost })], receivedMs: NOON });

  test('leaves no collector with a session, a combination or a month that is gone', async () => {
    const url = await createLedgerDatabase(primary);
    const target = targetAt(url.replace(`:${primary.port}/`, `:${primary.port},127.0.0.1:${standby.port}/`));
    const after = new Database(targetAt(url.replace(`:${primary.port}/`, `:${standby.port}/`)), { ...OPTIONS, name: 'test', wants: 'any' });
    const folding = new Database(target, { ...OPTIONS, name: 'folding' });
    const fold = new Fold({ database: folding, calendar: CALENDAR, slots: 1 });
    const [one, other] = [await openWriter({ target, ...CALENDAR }), await openWriter({ target, ...CALENDAR })];
    try {
      await by(one, 'a');
      await by(other, 'b', { sessionId: 'of the other' });
      await fold.before(UNTIL);
      const has = async (session: string): Promise<boolean> =>
        (await after.rows('SELECT 1 FROM sessions WHERE session_id = $1 AND rev > 0', [session])).length > 0;
      await waitFor(
        'the standby',
        async () => (await has('of the other')) && Number((await after.rows('SELECT count(*) AS n FROM recent'))[0]?.n) === 0,
      );
      await standby.stop();

      // Acknowledged, remembered, and lost.
      expect(await by(one, 'lost', { user: 'new@example.com', cost: '0.05' })).toMatchObject({ appended: 1 });
      expect(await by(one, 'made', { user: 'new@example.com', cost: '0.05', sessionId: 'new' })).toMatchObject({ appended: 1 });
      expect(await fold.before(UNTIL)).toBeGreaterThan(0);
      await primary.stop('immediate');
      await standby.start();
      await standby.promote();
      // The session's row gets the rev that the first one remembers.
      expect(await by(other, 'c')).toMatchObject({ appended: 1 });
      expect(await by(one, 'd', { user: 'new@example.com' })).toMatchObject({ appended: 1 });
      expect(await by(one, 'e', { user: 'new@example.com', sessionId: 'new' })).toMatchObject({ appended: 1 });

      const sum = async (text: string) => BigInt(String((await after.rows(`SELECT coalesce(sum(cost), 0) AS n FROM ${text}`))[0]?.n));
      expect(await sum('entries')).toBe(5n * CENT);
      expect(await sum('sessions')).toBe(5n * CENT);
      for (const table of ['entries', 'recent']) {
        expect(await sum(`${table} t JOIN dims d ON d.id = t.dims WHERE d."user" = 'new@example.com'`)).toBe(2n * CENT);
      }
      expect(await fold.before(UNTIL)).toBeGreaterThan(0);
      for (const table of ['rollup_total_person', 'rollup_day_team', 'rollup_quarter_hour']) {
        expect([table, await sum(`${table} t JOIN dims d ON d.id = t.dims`)]).toEqual([table, 5n * CENT]);
      }
    } finally {
      await Promise.all([one, other].map((writer) => writer.close()));
      await Promise.all([after, folding].map((database) => database.close()));
    }
  });
});
