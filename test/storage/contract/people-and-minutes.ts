/** Who was seen when, and what was asked of the API by the minute. */
import { describe, expect, test } from '@jest/globals';
import { MINUTES_KEPT_MS } from '../../../collector/ledger/ledger.ts';
import { event, metric, NOON } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function describePeopleAndMinutes(open: OpenStore): void {
  describe('people and minutes', () => {
    const ledger = useLedger(open);
    const { append, receive } = ledger;

    test('requests and tokens are kept by the minute and team, without what was read from the cache', async () => {
      const request = (id: string, team: string, timeMs: number) =>
        event({
          id,
          team,
          timeMs,
          amounts: { requests: 1, input_tokens: 1, output_tokens: 20, cache_creation_tokens: 300, cache_read_tokens: 4_000 },
        });
      await append(
        request('a', 'platform', NOON),
        request('b', 'platform', NOON + MINUTE - 1),
        request('c', 'data', NOON + 5),
        request('d', 'data', NOON + MINUTE),
      );
      await append(request('a', 'platform', NOON), metric({ id: 'm', amounts: { input_tokens: 9 }, timeMs: NOON + 9 }));
      const rate = (startMs: number, team: string, requests: number) => ({ startMs, organization: '', team, requests, tokens: requests * 321 });
      const rates = [rate(NOON, 'data', 1), rate(NOON, 'platform', 2), rate(NOON + MINUTE, 'data', 1)];
      expect(await ledger.reader.minutes({ fromMs: NOON, toMs: NOON + HOUR })).toEqual(rates);
      expect(await ledger.reader.minutes({ fromMs: NOON + 1, toMs: NOON + HOUR })).toEqual(rates.slice(2));
      expect(await ledger.reader.minutes({ fromMs: NOON, toMs: NOON + MINUTE })).toEqual(rates.slice(0, 2));
    });

    test('minutes older than eight days go when entries are pruned and when the ledger is opened, and are not taken in', async () => {
      const old = NOON - MINUTES_KEPT_MS;
      const starts = async () => (await ledger.reader.minutes({ fromMs: 0, toMs: NOON + DAY })).map(({ startMs }) => startMs);
      await receive(NOON, event({ id: 'a', timeMs: old - MINUTE }), event({ id: 'b', timeMs: old, sessionId: 'session-2' }), event({ id: 'c' }));
      expect(await starts()).toEqual([old, NOON]);
      await receive(NOON + MINUTE, event({ id: 'd', timeMs: NOON + MINUTE }));
      await ledger.writer.prune(0);
      expect(await starts()).toEqual([NOON, NOON + MINUTE]);
      await receive(NOON + 2 * MINUTE + MINUTES_KEPT_MS, event({ id: 'e', timeMs: NOON + 2 * MINUTE + MINUTES_KEPT_MS, sessionId: 'session-3' }));
      await ledger.reopen();
      expect(await starts()).toEqual([]);
      expect(await ledger.reader.minutes({ fromMs: 0, toMs: NOON + 20 * DAY })).toHaveLength(1);
    });

    test('people have the minutes of their first and last record, one row for each team they were in', async () => {
      await append(event({ id: 'b', timeMs: NOON + 5 * MINUTE + 59_999 }), event({ id: 'a', timeMs: NOON + 61_000 }));
      await append(event({ id: 'c', user: 'bob', timeMs: NOON }), event({ id: 'd', team: 'data', timeMs: NOON + HOUR }));
      await ledger.reopen();
      await append(
        event({ id: 'e', timeMs: NOON + 3 * MINUTE }),
        event({ id: 'f', timeMs: NOON + 7 * MINUTE }),
        event({ id: 'f', timeMs: NOON + 7 * MINUTE }),
      );
      const people = (await ledger.reader.people()).map(({ team, user, firstSeenMs, lastSeenMs }) => [
        team,
        user,
        firstSeenMs - NOON,
        lastSeenMs - NOON,
      ]);
      expect(people.toSorted()).toEqual([
        ['data', 'alice@example.com', HOUR, HOUR],
        ['platform', 'alice@example.com', MINUTE, 7 * MINUTE],
        ['platform', 'bob', 0, 0],
      ]);
    });

    test('a person keeps the first day after the entries are gone', async () => {
      await append(event({ id: 'a' }));
      await ledger.writer.prune(NOON + DAY);
      await append(event({ id: 'b', sessionId: 'session-2', timeMs: NOON + DAY }));
      expect(await ledger.reader.people()).toMatchObject([{ firstSeenMs: NOON, lastSeenMs: NOON + DAY }]);
    });
  });
}
