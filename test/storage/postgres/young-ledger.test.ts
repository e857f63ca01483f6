/** A ledger that has no statistics yet: what was planned while its tables were empty does not read all sessions for each that is asked for. */
import { expect, test } from '@jest/globals';
import { describeWithBackend } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { waitFor } from '../../support/wait.ts';
import { useDatabase } from './writing.ts';

const SESSIONS = 2_000;
/** PostgreSQL makes a plan for any values from the sixth time on. */
const PLANNED = 8;
const ROUNDS = 100;

describeWithBackend(['postgres18'], 'a young ledger', () => {
  const ledger = useDatabase({ version: 18, settings: ['autovacuum=off'] });

  /** Entries of an index of sessions that were read by backends that have ended or have nothing to do. */
  const read = async (): Promise<number> =>
    Number((await ledger.database.rows(`SELECT idx_tup_read AS n FROM pg_stat_user_indexes WHERE indexrelname = 'sessions_pkey'`))[0]?.n);

  test('reads the sessions that an export is about', async () => {
    const writer = await ledger.open();
    const append = (sessionIds: readonly string[], round: string) =>
      writer.append({ entries: sessionIds.map((sessionId) => event({ id: `${round} ${sessionId}`, sessionId })), receivedMs: NOON });
    for (let round = 0; round < PLANNED; round++) await append(['first'], `planned ${round}`);
    await append(
      Array.from({ length: SESSIONS }, (_, index) => `session ${index}`),
      'all',
    );
    for (let round = 0; round < ROUNDS; round++) await append(['session 7', 'session 8'], `later ${round}`);
    await writer.close();
    const numbers = await ledger.count('sessions');
    expect(numbers).toBe(SESSIONS + 1);
    // All that is written makes itself known, or the look is too early.
    await waitFor('the statistics of the last backend', async () => (await read()) > SESSIONS);
    expect(await read()).toBeLessThan((ROUNDS * SESSIONS) / 4);
  });
});
