/** Numbers that are missing among those that clients gave their events. */
import { describe, expect, test } from '@jest/globals';
import { event, NOON } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const _DAY = 24 * HOUR;

const numbered = (sequence: number, timeMs: number, session = 'session-1') =>
  event({ id: `${session} ${timeMs} ${sequence}`, sessionId: session, sequence, timeMs });

export function describeGaps(open: OpenStore): void {
  describe('gaps', () => {
    const ledger = useLedger(open);
    const { append } = ledger;

    test('numbers that are missing between those received are counted, whatever the order', async () => {
      await append(numbered(7, NOON + 70), numbered(8, NOON + 80), numbered(2, NOON + 20));
      await append(numbered(3, NOON + 30), numbered(8, NOON + 80), event({ id: 'without a number', timeMs: NOON + 31 }));
      const row = { organization: '', team: 'platform', user: 'alice@example.com', clientVersion: '', sessions: 1 };
      expect(await ledger.reader.gaps(0)).toEqual([{ ...row, events: 4, missing: 3 }]);
      await ledger.reopen();
      await append(numbered(5, NOON + 50));
      expect(await ledger.reader.gaps(0)).toEqual([{ ...row, events: 5, missing: 2 }]);
      await append(numbered(10, NOON + 100));
      expect(await ledger.reader.gaps(0)).toEqual([{ ...row, events: 6, missing: 3 }]);
    });

    test('a resumed session counts again from zero, and that is no gap', async () => {
      await append(...[0, 1, 2].map((sequence) => numbered(sequence, NOON + sequence)));
      await append(...[0, 1, 4].map((sequence) => numbered(sequence, NOON + HOUR + sequence)));
      await append(...[4, 5].map((sequence) => numbered(sequence, NOON + sequence, 'session-2')));
      expect(await ledger.reader.gaps(0)).toMatchObject([{ sessions: 2, events: 8, missing: 2 }]);
      expect(await ledger.reader.gaps(NOON + HOUR)).toMatchObject([{ sessions: 1, events: 6, missing: 2 }]);
    });

    test('gaps are told by person and client version; sessions without numbers have none', async () => {
      const of = (id: number, client_version: string) => ({
        ...numbered(id, NOON + id, client_version),
        dimensions: { user: 'bob', client_version },
      });
      await append(of(0, '2.1.1'), of(9, '2.1.1'), of(0, '2.1.2'), of(1, '2.1.2'), event({ id: 'a', sessionId: 'silent' }));
      const rows = (await ledger.reader.gaps(0)).map(({ user, clientVersion, events, missing }) => [user, clientVersion, events, missing]);
      expect(rows).toEqual([
        ['bob', '2.1.1', 2, 8],
        ['bob', '2.1.2', 2, 0],
      ]);
    });
  });
}
