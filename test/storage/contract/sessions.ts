/** Lists of sessions: in which order, narrowed to what, counted by their cost. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type SessionDimension, SHARERS_MAX } from '../../../collector/ledger/sessions.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const _DAY = 24 * HOUR;

export function describeSessions(open: OpenStore): void {
  describe('sessions', () => {
    const ledger = useLedger(open);
    const { append } = ledger;

    const spent = (session: string, cost: string, startMs: number, durationMs: number, more: Parameters<typeof event>[0]['dimensions'] = {}) => [
      event({ id: `${session} first`, sessionId: session, cost, timeMs: startMs, dimensions: more }),
      event({ id: `${session} last`, sessionId: session, cost: '0', timeMs: startMs + durationMs, dimensions: more }),
    ];
    const ids = async (query: Omit<Parameters<typeof ledger.reader.sessions>[0], 'limit'>, limit = 9) =>
      (await ledger.reader.sessions({ ...query, limit })).map(({ sessionId }) => sessionId);
    beforeEach(() =>
      append(
        ...spent('long', '0.02', NOON - HOUR, HOUR - 1, { workspace: 'shop', repository: 'acme/shop' }),
        ...spent('dear', '0.90', NOON, 10, { workspace: 'shop', repository: 'acme/api' }),
        ...spent('b-tie', '0.02', NOON + 5, 5, { workspace: 'lab', organization: 'acme' }),
        ...spent('a-tie', '0.02', NOON + 5, 5, { workspace: 'lab', user: 'bob' }),
      ),
    );

    test('come by their cost, their duration, or newest first, and ties in the same order every time', async () => {
      expect(await ids({})).toEqual(['a-tie', 'b-tie', 'dear', 'long']);
      expect(await ids({ order: 'cost' })).toEqual(['dear', 'a-tie', 'b-tie', 'long']);
      expect(await ids({ order: 'duration' })).toEqual(['long', 'dear', 'a-tie', 'b-tie']);
      expect(await ids({ order: 'cost' }, 2)).toEqual(['dear', 'a-tie']);
    });

    test('are counted by what they cost, a cost on an edge above it, by organization, within the time range and the filters', async () => {
      const edges = [20_000_000_000n, 500_000_000_000n];
      const bands = async (more: Partial<Parameters<typeof ledger.reader.sessionBands>[0]> = {}) =>
        (await ledger.reader.sessionBands({ fromMs: 0, edges, ...more })).map(({ organization, band, sessions }) => [organization, band, sessions]);
      expect(await bands()).toEqual([
        ['', 1, 2],
        ['', 2, 1],
        ['acme', 1, 1],
      ]);
      expect(await bands({ edges: [20_000_000_001n] })).toEqual([
        ['', 0, 2],
        ['', 1, 1],
        ['acme', 0, 1],
      ]);
      expect(await bands({ edges: [] })).toEqual([
        ['', 0, 3],
        ['acme', 0, 1],
      ]);
      expect(await bands({ fromMs: NOON, where: [{ dimension: 'workspace', values: ['shop'] }] })).toEqual([['', 2, 1]]);
      expect(await bands({ where: [{ dimension: 'user', values: [] }] })).toEqual([]);
    });

    test('are narrowed by any value of a filter and by all filters, within the time range', async () => {
      expect(await ids({ order: 'cost', where: [{ dimension: 'workspace', values: ['shop'] }] })).toEqual(['dear', 'long']);
      const both = [
        { dimension: 'workspace', values: ['shop', 'lab'] },
        { dimension: 'user', values: ['bob'] },
      ] as const;
      expect(await ids({ where: both })).toEqual(['a-tie']);
      expect(await ids({ where: [{ dimension: 'repository', values: [] }] })).toEqual([]);
      expect(await ids({ where: [{ dimension: 'organization', values: [''] }], order: 'duration' }, 1)).toEqual(['long']);
      expect(await ids({ order: 'cost', fromMs: NOON, toMs: NOON + 10, where: [{ dimension: 'team', values: ['platform'] }] })).toEqual([]);
      expect(await ids({ order: 'cost', toMs: NOON, where: [{ dimension: 'team', values: ['platform'] }] })).toEqual(['long']);
    });

    test('last seen in the hour in which the time range begins belong to it from its very instant on', async () => {
      await append(...spent('within', '0.01', NOON + 30 * MINUTE, 10 * MINUTE));
      for (const fromMs of [NOON + 20 * MINUTE, NOON + 40 * MINUTE]) expect(await ids({ fromMs })).toEqual(['within']);
      expect(await ids({ fromMs: NOON + 40 * MINUTE + 1 })).toEqual([]);
      expect(await ledger.reader.senders(NOON + 20 * MINUTE)).toMatchObject([{ sessions: 1 }]);
      expect(await ledger.reader.sessionBands({ fromMs: NOON + 20 * MINUTE, edges: [] })).toMatchObject([{ sessions: 1 }]);
    });

    test('that changed hands are listed under each owner with what they cost then, in whatever order it came', async () => {
      await append(
        event({ id: 'c', sessionId: 'shared', cost: '4', user: 'cleo', team: 'data', timeMs: NOON + 2, dimensions: { workspace: 'shop' } }),
      );
      await append(event({ id: 'b', sessionId: 'shared', cost: '2', user: 'bea', timeMs: NOON + 1 }));
      await append(event({ id: 'a', sessionId: 'shared', cost: '1', user: 'cleo', team: 'data', timeMs: NOON }));
      const under = async (dimension: SessionDimension, value: string) =>
        (await ledger.reader.sessions({ limit: 9, where: [{ dimension, values: [value] }] })).map(({ sessionId, user, cost }) => [
          ...[sessionId, user, cost],
        ]);
      expect(await under('user', 'bea')).toEqual([['shared', 'bea', usd('2')]]);
      expect(await under('user', 'cleo')).toEqual([['shared', 'cleo', usd('5')]]);
      expect(await under('team', 'data')).toEqual([['shared', 'cleo', usd('5')]]);
      expect((await under('workspace', 'shop')).find(([id]) => id === 'shared')).toEqual(['shared', 'cleo', usd('4')]);
      const session = await ledger.reader.session('shared');
      expect([session?.user, session?.cost, session?.shares.map(({ user, cost }) => [user, cost])]).toEqual([
        ...['cleo', usd('7')],
        [
          ['cleo', usd('5')],
          ['bea', usd('2')],
        ],
      ]);
      expect((await ledger.reader.session('long'))?.shares).toEqual([]);
    });

    test('of several users name each two of them, unless they are too many to be one', async () => {
      const sent = (sessionId: string, users: readonly string[]) =>
        append(...users.map((user, index) => event({ id: `${sessionId} ${user}`, sessionId, user, timeMs: NOON + index })));
      const crowd = Array.from({ length: SHARERS_MAX + 1 }, (_, index) => `user-${index}`);
      await sent('crowd', ['ann', ...crowd]);
      await sent('pair', ['ann', 'ben']);
      await sent('again', ['ben', 'ann']);
      expect(await ledger.reader.sharedSessions(9)).toEqual([{ users: ['ann', 'ben'], sessions: 2 }]);
      await sent('few', crowd.slice(1));
      expect(await ledger.reader.sharedSessions(1_000)).toHaveLength(1 + (SHARERS_MAX * (SHARERS_MAX - 1)) / 2);
      expect(await ledger.reader.sharedSessions(2)).toMatchObject([{ sessions: 2 }, { users: ['user-1', 'user-10'], sessions: 1 }]);
    });

    test('tell who sent since then, the newest first', async () => {
      const rows = (await ledger.reader.senders(NOON)).map(({ user, sessions, lastSeenMs }) => [user, sessions, lastSeenMs - NOON]);
      expect(rows).toEqual([
        ['alice@example.com', 2, 10],
        ['bob', 1, 10],
      ]);
      expect(await ledger.reader.senders(NOON + 11)).toEqual([]);
    });
  });
}
