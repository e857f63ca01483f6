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

    test('minutes that a clock ahead left out are no difference once the clock is right, nor are those that it removed', async () => {
      const of = (id: string, timeMs: number) => event({ id, sessionId: id, timeMs });
      await receive(NOON, of('a', NOON - MINUTE));
      await receive(NOON + 10 * DAY, of('b', NOON));
      await ledger.writer.prune(0);
      expect(await ledger.reader.check()).toEqual([]);
      await ledger.reopen();
      await receive(NOON, of('c', NOON));
      await receive(NOON + MINUTE, of('d', NOON + MINUTE));
      expect(await ledger.reader.check()).toEqual([]);
    });

    test('what users asked for by the minute is added up from entries, with input and output apart, within any filter', async () => {
      const request = (id: string, user: string, timeMs: number, more: { sessionId?: string; team?: string; model?: string } = {}) =>
        event({
          id,
          user,
          timeMs,
          amounts: { requests: 1, input_tokens: 1, output_tokens: 20, cache_creation_tokens: 300, cache_read_tokens: 4_000 },
          ...more,
        });
      await append(
        request('a', 'ada', NOON),
        request('b', 'ada', NOON + MINUTE - 1, { sessionId: 'session-2', model: 'claude-haiku-5' }),
        request('c', 'bob', NOON + 5, { sessionId: 'session-3', team: 'data' }),
        request('d', 'bob', NOON + MINUTE, { sessionId: 'session-3', team: 'data' }),
        metric({ id: 'm', amounts: { input_tokens: 9 }, timeMs: NOON + 9 }),
      );
      await append(request('a', 'ada', NOON));
      const asked = { fromMs: NOON, toMs: NOON + HOUR, rowsMax: 3 };
      const row = (startMs: number, team: string, user: string, requests: number) => ({
        ...{ startMs, organization: '', team, user, requests, inputTokens: requests * 301, outputTokens: requests * 20 },
      });
      const rows = [row(NOON, 'data', 'bob', 1), row(NOON, 'platform', 'ada', 2), row(NOON + MINUTE, 'data', 'bob', 1)];
      expect(await ledger.reader.userMinutes(asked)).toEqual(rows);
      expect(await ledger.reader.userMinutes({ ...asked, fromMs: NOON + 1 })).toEqual(rows.slice(2));
      expect(await ledger.reader.userMinutes({ ...asked, toMs: NOON + MINUTE })).toEqual(rows.slice(0, 2));
      expect(await ledger.reader.userMinutes({ ...asked, rowsMax: 2 })).toBeUndefined();
      const within = (dimension: 'team' | 'model', value: string) => ({ ...asked, within: [{ dimension, values: [value] }] });
      expect(await ledger.reader.userMinutes(within('team', 'data'))).toEqual([rows[0], rows[2]]);
      expect(await ledger.reader.userMinutes(within('model', 'claude-haiku-5'))).toEqual([row(NOON, 'platform', 'ada', 1)]);
    });

    test('what users asked for adds up to the sums by minute, but for records that were removed', async () => {
      const ids = Array.from({ length: 60 }, (_, index) => index);
      await receive(
        NOON,
        ...ids.map((index) =>
          event({
            id: `${index}`,
            sessionId: `s${index % 7}`,
            user: `user-${index % 5}`,
            team: `team-${index % 3}`,
            timeMs: NOON - (index % 11) * 25_000,
          }),
        ),
      );
      const range = { fromMs: NOON - HOUR, toMs: NOON + HOUR };
      const sum = (rows: readonly { readonly startMs: number; readonly team: string; readonly requests: number; readonly tokens: number }[]) => {
        const sums = new Map<string, [number, number]>();
        for (const { startMs, team, requests, tokens } of rows) {
          const [before, old] = sums.get(`${startMs} ${team}`) ?? [0, 0];
          sums.set(`${startMs} ${team}`, [before + requests, old + tokens]);
        }
        return [...sums].toSorted();
      };
      const ofUsers = async () =>
        ((await ledger.reader.userMinutes({ ...range, rowsMax: 100 })) ?? []).map((row) => ({ ...row, tokens: row.inputTokens + row.outputTokens }));
      expect(sum(await ofUsers())).toEqual(sum(await ledger.reader.minutes(range)));
      await ledger.writer.prune(NOON + DAY);
      expect(await ofUsers()).toEqual([]);
      expect(await ledger.reader.minutes(range)).not.toEqual([]);
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
