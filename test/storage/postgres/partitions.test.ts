/** The months of entries: made beforehand, whoever reads meanwhile. */
import { describe, expect, test } from '@jest/globals';
import { describeWithBackend } from '../../support/backends.ts';
import { event } from '../../support/entries.ts';
import { backendOf, POSTGRES_VERSIONS } from '../../support/postgres-server.ts';
import { append, useDatabase } from './writing.ts';

const FEBRUARY = Date.parse('2027-02-05T12:00:00Z');
const END_OF_MARCH = Date.parse('2027-03-30T12:00:00Z');

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'partitions of entries', () => {
    const ledger = useDatabase({ version });
    const late = async (id: string, timeMs: number) => {
      const writer = await ledger.open();
      return writer.append({ entries: [event({ id, sessionId: `s-${id}`, timeMs })], receivedMs: timeMs });
    };
    const isThere = (part: number) => ledger.count(`pg_inherits WHERE inhrelid = to_regclass('entries_${part}')`);

    test('are made while somebody reads entries for long, as a dump does', async () => {
      await ledger.database.transaction(async (sql) => {
        await sql.rows('SELECT 1 FROM entries LIMIT 1');
        expect(await late('a', FEBRUARY)).toMatchObject({ appended: 1 });
      });
      expect(await ledger.count('entries_202702')).toBe(1);
      expect(await ledger.count(`pg_index WHERE indrelid = 'entries_202702'::regclass AND indisprimary AND indisvalid`)).toBe(1);
    });

    test('are there before their month begins', async () => {
      expect(await late('a', END_OF_MARCH)).toMatchObject({ appended: 1 });
      expect([await isThere(202703), await isThere(202704)]).toEqual([1, 1]);
    });

    test('hold up no export of the month before when they cannot be made', async () => {
      await late('a', FEBRUARY);
      const march = Date.parse('2027-03-01T12:00:00Z');
      await late('b', march);
      await ledger.database.transaction(async (sql) => {
        // As ANALYZE does.
        await sql.run('LOCK TABLE ONLY entries IN SHARE UPDATE EXCLUSIVE MODE');
        expect(await late('c', END_OF_MARCH)).toMatchObject({ appended: 1 });
      });
      expect([await isThere(202703), await isThere(202704)]).toEqual([1, 0]);
    });

    test('are made again when somebody has removed one', async () => {
      const writer = await ledger.open();
      await append(writer, 'a');
      await ledger.database.run('DROP TABLE entries_202611');
      expect(await append(writer, 'b')).toMatchObject({ appended: 1 });
      expect(await ledger.count('entries_202611')).toBe(1);
    });
  });
});
