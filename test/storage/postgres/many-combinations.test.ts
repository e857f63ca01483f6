/** A writer that has met more combinations of dimensions than it remembers goes on at the same pace: no transaction fails for those that it has forgotten. */
import { expect, test } from '@jest/globals';
import { describeWithBackend } from '../../support/backends.ts';
import { event, NOON } from '../../support/entries.ts';
import { waitFor } from '../../support/wait.ts';
import { useDatabase } from './writing.ts';

const USERS = 12;
const ROUNDS = 5;

describeWithBackend(['postgres18'], 'combinations that were forgotten', () => {
  const ledger = useDatabase({ version: 18, settings: ['log_statement=all'] });

  test('are read in one look, before the transaction', async () => {
    const writer = await ledger.open({ rememberedMax: 4 });
    const users = Array.from({ length: USERS }, (_, index) => `user-${index}`);
    for (let round = 0; round < ROUNDS; round++) {
      const entries = users.map((user) => event({ id: `${round} ${user}`, sessionId: `session of ${user}`, user, timeMs: NOON + round * 1_000 }));
      expect(await writer.append({ entries, receivedMs: NOON })).toMatchObject({ appended: USERS });
    }
    await ledger.database.rows(`SELECT 'the end of the log'`);
    await waitFor('the log', () => ledger.server.log().includes('the end of the log'));
    expect(ledger.server.log().match(/statement: ROLLBACK/g)).toBeNull();
    expect(ledger.server.log().match(/statement: COMMIT/g)?.length).toBeGreaterThanOrEqual(ROUNDS);
  });
});
