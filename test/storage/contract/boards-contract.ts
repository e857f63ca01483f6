/** What the boards ask of every store beside spend. A store's test file calls this with a way to open it. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DimensionName, MeasureName } from '../../../collector/catalog/measures.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { MINUTES_KEPT_MS, type Query } from '../../../collector/ledger/ledger.ts';
import { event, metric, NOON, usd } from '../../support/entries.ts';
import type { OpenLedger } from './ledger-contract.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function describeBoards(store: string, openLedger: () => Promise<OpenLedger>): void {
  describe(`ledger contract for boards: ${store}`, () => {
    let ledger: OpenLedger;
    beforeEach(async () => {
      ledger = await openLedger();
    });
    afterEach(async () => {
      const differences = ledger.reader.check();
      await ledger.destroy();
      expect(differences).toEqual([]);
    });

    const receive = (receivedMs: number, ...entries: Entry[]) => ledger.writer.append({ entries, receivedMs });
    const append = (...entries: Entry[]) => receive(NOON + MINUTE, ...entries);
    const ask = (query: Partial<Query>) =>
      ledger.reader.query({ measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 1000, ...query });
    const by = (dimension: DimensionName, measure: MeasureName, query: Partial<Query> = {}) =>
      Object.fromEntries(ask({ by: [dimension], measures: [measure], ...query }).rows.map((row) => [row.key[0], row.values[0]]));
    const numbered = (sequence: number, timeMs: number, session = 'session-1') =>
      event({ id: `${session} ${timeMs} ${sequence}`, sessionId: session, sequence, timeMs });

    test('what requests would cost without a cache is exact money, also beyond 64 bits', async () => {
      const large = { requests: 1, cost_list_uncached: Number.MAX_SAFE_INTEGER };
      for (let round = 0; round < 4; round++) {
        await append(
          ...Array.from({ length: 300 }, (_, index) => event({ id: `${round} ${index}`, team: `t${round}`, amounts: large, timeMs: NOON + index })),
        );
      }
      const expected = BigInt(Number.MAX_SAFE_INTEGER) * 1_200n;
      expect(ask({ measures: ['cost_list_uncached'] }).totals).toEqual([expected]);
      expect(ledger.reader.session('session-1')?.totals.cost_list_uncached).toBe(expected);
    });

    test('latency buckets count what took at most their bound, each including the ones below', async () => {
      const took = (id: string, api_duration_ms: number, ttft_ms: number) =>
        event({ id, amounts: { requests: 1, api_duration_ms, ttft_ms, ttft_requests: 1 }, timeMs: NOON + api_duration_ms });
      await append(took('a', 2_500, 1_000), took('b', 2_501, 1_001), took('c', 39_000, 8_000), took('d', 90_000, 8_001));
      const measures: MeasureName[] = ['requests_le_2500_ms', 'requests_le_5000_ms', 'requests_le_20000_ms', 'requests_le_40000_ms', 'requests'];
      expect(ask({ measures }).totals).toEqual([1n, 2n, 2n, 3n, 4n]);
      expect(ask({ measures: ['requests_le_80000_ms', 'requests_le_160000_ms', 'ttft_requests_le_32000_ms'] }).totals).toEqual([3n, 4n, 4n]);
      const first: MeasureName[] = ['ttft_requests_le_1000_ms', 'ttft_requests_le_2000_ms', 'ttft_requests_le_4000_ms', 'ttft_requests_le_8000_ms'];
      expect(ask({ measures: first }).totals).toEqual([1n, 2n, 2n, 3n]);
      expect(ledger.reader.session('session-1')?.totals).toMatchObject({
        requests_le_5000_ms: 2n,
        requests_le_40000_ms: 3n,
        ttft_requests_le_8000_ms: 3n,
      });
    });

    test('figures by tool, skill or hour are the same before and after a quarter of an hour is over, and with what comes late', async () => {
      const tool = (id: string, timeMs: number, name: string) =>
        event({ id, timeMs, dimensions: { tool: name, organisation: 'acme' }, amounts: { tool_calls: 1, tool_duration_ms: 7 } });
      const seen = () => ({
        total: by('tool', 'tool_calls'),
        day: by('tool', 'tool_calls', { fromMs: NOON - (NOON % DAY), toMs: NOON - (NOON % DAY) + DAY }),
        hours: ask({ measures: ['tool_calls'], by: ['team'], grain: 'hour' }).rows.map((row) => [row.startMs, row.values[0]]),
      });
      await receive(NOON, tool('a', NOON, 'Bash'), tool('b', NOON + 1, 'Edit'));
      expect(seen()).toEqual({ total: { Bash: 1n, Edit: 1n }, day: { Bash: 1n, Edit: 1n }, hours: [[NOON, 2n]] });
      await receive(NOON + HOUR + MINUTE, tool('c', NOON + HOUR, 'Bash'));
      const later = {
        total: { Bash: 2n, Edit: 1n },
        day: { Bash: 2n, Edit: 1n },
        hours: [
          [NOON, 2n],
          [NOON + HOUR, 1n],
        ],
      };
      expect(seen()).toEqual(later);
      ledger = await ledger.reopen();
      expect(seen()).toEqual(later);
      await receive(NOON + 2 * HOUR, tool('d', NOON + 2, 'Read'), tool('a', NOON, 'Bash'));
      expect(seen().total).toEqual({ Bash: 2n, Edit: 1n, Read: 1n });
      expect(seen().hours).toEqual([
        [NOON, 3n],
        [NOON + HOUR, 1n],
      ]);
      ledger = await ledger.reopen({ timeZone: 'Asia/Kolkata' });
      expect(seen().total).toEqual({ Bash: 2n, Edit: 1n, Read: 1n });
      expect(ledger.reader.check()).toEqual([]);
      ledger = await ledger.reopen();
    });

    test('spend is narrowed to a repository as to a workspace', async () => {
      const at = (id: string, workspace: string, repository: string, timeMs: number) => event({ id, dimensions: { workspace, repository }, timeMs });
      await append(at('a', 'shop', 'acme/shop', NOON), at('b', 'shop', 'acme/api', NOON + 1), at('c', 'lab', 'acme/api', NOON + 2));
      const narrowed = { where: [{ dimension: 'repository', values: ['acme/api'] }] } as const;
      expect(by('workspace', 'requests', narrowed)).toEqual({ shop: 1n, lab: 1n });
      expect(by('workspace', 'requests', { ...narrowed, grain: 'month' })).toEqual({ shop: 1n, lab: 1n });
      expect(by('user', 'cost', narrowed)).toEqual({ 'alice@example.com': usd('0.02') });
    });

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
      const rate = (startMs: number, team: string, requests: number) => ({ startMs, organisation: '', team, requests, tokens: requests * 321 });
      const rates = [rate(NOON, 'data', 1), rate(NOON, 'platform', 2), rate(NOON + MINUTE, 'data', 1)];
      expect(ledger.reader.minutes({ fromMs: NOON, toMs: NOON + HOUR })).toEqual(rates);
      expect(ledger.reader.minutes({ fromMs: NOON + 1, toMs: NOON + HOUR })).toEqual(rates.slice(2));
      expect(ledger.reader.minutes({ fromMs: NOON, toMs: NOON + MINUTE })).toEqual(rates.slice(0, 2));
    });

    test('minutes older than eight days go when entries are pruned and when the ledger is opened, and are not taken in', async () => {
      const old = NOON - MINUTES_KEPT_MS;
      const starts = () => ledger.reader.minutes({ fromMs: 0, toMs: NOON + DAY }).map(({ startMs }) => startMs);
      await receive(NOON, event({ id: 'a', timeMs: old - MINUTE }), event({ id: 'b', timeMs: old, sessionId: 'session-2' }), event({ id: 'c' }));
      expect(starts()).toEqual([old, NOON]);
      await receive(NOON + MINUTE, event({ id: 'd', timeMs: NOON + MINUTE }));
      await ledger.writer.prune(0);
      expect(starts()).toEqual([NOON, NOON + MINUTE]);
      await receive(NOON + 2 * MINUTE + MINUTES_KEPT_MS, event({ id: 'e', timeMs: NOON + 2 * MINUTE + MINUTES_KEPT_MS, sessionId: 'session-3' }));
      ledger = await ledger.reopen();
      expect(starts()).toEqual([]);
      expect(ledger.reader.minutes({ fromMs: 0, toMs: NOON + 20 * DAY })).toHaveLength(1);
    });

    test('people have the minutes of their first and last record, one row for each team they were in', async () => {
      await append(event({ id: 'b', timeMs: NOON + 5 * MINUTE + 59_999 }), event({ id: 'a', timeMs: NOON + 61_000 }));
      await append(event({ id: 'c', user: 'bob', timeMs: NOON }), event({ id: 'd', team: 'data', timeMs: NOON + HOUR }));
      ledger = await ledger.reopen();
      await append(
        event({ id: 'e', timeMs: NOON + 3 * MINUTE }),
        event({ id: 'f', timeMs: NOON + 7 * MINUTE }),
        event({ id: 'f', timeMs: NOON + 7 * MINUTE }),
      );
      const people = ledger.reader.people().map(({ team, user, firstSeenMs, lastSeenMs }) => [team, user, firstSeenMs - NOON, lastSeenMs - NOON]);
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
      expect(ledger.reader.people()).toMatchObject([{ firstSeenMs: NOON, lastSeenMs: NOON + DAY }]);
    });

    test('numbers that are missing between those received are counted, whatever the order', async () => {
      await append(numbered(7, NOON + 70), numbered(8, NOON + 80), numbered(2, NOON + 20));
      await append(numbered(3, NOON + 30), numbered(8, NOON + 80), event({ id: 'without a number', timeMs: NOON + 31 }));
      const row = { organisation: '', team: 'platform', user: 'alice@example.com', clientVersion: '', sessions: 1 };
      expect(ledger.reader.gaps(0)).toEqual([{ ...row, events: 4, missing: 3 }]);
      ledger = await ledger.reopen();
      await append(numbered(5, NOON + 50));
      expect(ledger.reader.gaps(0)).toEqual([{ ...row, events: 5, missing: 2 }]);
      await append(numbered(10, NOON + 100));
      expect(ledger.reader.gaps(0)).toEqual([{ ...row, events: 6, missing: 3 }]);
    });

    test('a resumed session counts again from zero, and that is no gap', async () => {
      await append(...[0, 1, 2].map((sequence) => numbered(sequence, NOON + sequence)));
      await append(...[0, 1, 4].map((sequence) => numbered(sequence, NOON + HOUR + sequence)));
      await append(...[4, 5].map((sequence) => numbered(sequence, NOON + sequence, 'session-2')));
      expect(ledger.reader.gaps(0)).toMatchObject([{ sessions: 2, events: 8, missing: 2 }]);
      expect(ledger.reader.gaps(NOON + HOUR)).toMatchObject([{ sessions: 1, events: 6, missing: 2 }]);
    });

    test('gaps are told by person and client version; sessions without numbers have none', async () => {
      const of = (id: number, client_version: string) => ({
        ...numbered(id, NOON + id, client_version),
        dimensions: { user: 'bob', client_version },
      });
      await append(of(0, '2.1.1'), of(9, '2.1.1'), of(0, '2.1.2'), of(1, '2.1.2'), event({ id: 'a', sessionId: 'silent' }));
      const rows = ledger.reader.gaps(0).map(({ user, clientVersion, events, missing }) => [user, clientVersion, events, missing]);
      expect(rows).toEqual([
        ['bob', '2.1.1', 2, 8],
        ['bob', '2.1.2', 2, 0],
      ]);
    });

    test('entries that come more than an hour after their time are counted as late, once', async () => {
      const old = event({ id: 'a', timeMs: NOON - HOUR - 1 });
      await receive(NOON, old, event({ id: 'b', timeMs: NOON - HOUR }), event({ id: 'c' }));
      await receive(NOON, old);
      expect(ledger.reader.status().counters).toMatchObject({ appended: 3, duplicates: 1, late: 1 });
    });

    describe('sessions', () => {
      const spent = (session: string, cost: string, startMs: number, durationMs: number, more: Parameters<typeof event>[0]['dimensions'] = {}) => [
        event({ id: `${session} first`, sessionId: session, cost, timeMs: startMs, dimensions: more }),
        event({ id: `${session} last`, sessionId: session, cost: '0', timeMs: startMs + durationMs, dimensions: more }),
      ];
      const ids = (query: Omit<Parameters<typeof ledger.reader.sessions>[0], 'limit'>, limit = 9) =>
        ledger.reader.sessions({ ...query, limit }).map(({ sessionId }) => sessionId);
      beforeEach(() =>
        append(
          ...spent('long', '0.02', NOON - HOUR, HOUR - 1, { workspace: 'shop', repository: 'acme/shop' }),
          ...spent('dear', '0.90', NOON, 10, { workspace: 'shop', repository: 'acme/api' }),
          ...spent('b-tie', '0.02', NOON + 5, 5, { workspace: 'lab', organisation: 'acme' }),
          ...spent('a-tie', '0.02', NOON + 5, 5, { workspace: 'lab', user: 'bob' }),
        ),
      );

      test('come by their cost, their duration, or newest first, and ties in the same order every time', () => {
        expect(ids({})).toEqual(['a-tie', 'b-tie', 'dear', 'long']);
        expect(ids({ order: 'cost' })).toEqual(['dear', 'a-tie', 'b-tie', 'long']);
        expect(ids({ order: 'duration' })).toEqual(['long', 'dear', 'a-tie', 'b-tie']);
        expect(ids({ order: 'cost' }, 2)).toEqual(['dear', 'a-tie']);
      });

      test('are counted by what they cost, a cost on an edge above it, by organisation, within the span and the filters', () => {
        const edges = [20_000_000_000n, 500_000_000_000n];
        const bands = (more: Partial<Parameters<typeof ledger.reader.sessionBands>[0]> = {}) =>
          ledger.reader.sessionBands({ fromMs: 0, edges, ...more }).map(({ organisation, band, sessions }) => [organisation, band, sessions]);
        expect(bands()).toEqual([
          ['', 1, 2],
          ['', 2, 1],
          ['acme', 1, 1],
        ]);
        expect(bands({ edges: [20_000_000_001n] })).toEqual([
          ['', 0, 2],
          ['', 1, 1],
          ['acme', 0, 1],
        ]);
        expect(bands({ edges: [] })).toEqual([
          ['', 0, 3],
          ['acme', 0, 1],
        ]);
        expect(bands({ fromMs: NOON, where: [{ dimension: 'workspace', values: ['shop'] }] })).toEqual([['', 2, 1]]);
        expect(bands({ where: [{ dimension: 'user', values: [] }] })).toEqual([]);
      });

      test('are narrowed by any value of a filter and by all filters, within the span', () => {
        expect(ids({ order: 'cost', where: [{ dimension: 'workspace', values: ['shop'] }] })).toEqual(['dear', 'long']);
        const both = [
          { dimension: 'workspace', values: ['shop', 'lab'] },
          { dimension: 'user', values: ['bob'] },
        ] as const;
        expect(ids({ where: both })).toEqual(['a-tie']);
        expect(ids({ where: [{ dimension: 'repository', values: [] }] })).toEqual([]);
        expect(ids({ where: [{ dimension: 'organisation', values: [''] }], order: 'duration' }, 1)).toEqual(['long']);
        expect(ids({ order: 'cost', fromMs: NOON, toMs: NOON + 10, where: [{ dimension: 'team', values: ['platform'] }] })).toEqual([]);
        expect(ids({ order: 'cost', toMs: NOON, where: [{ dimension: 'team', values: ['platform'] }] })).toEqual(['long']);
      });
    });
  });
}
