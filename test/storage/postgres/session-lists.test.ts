/** Lists of sessions and the like, answered from PostgreSQL as from the embedded ledger. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SessionOrder, SessionSummary } from '../../../collector/ledger/sessions.ts';
import { readRepricings } from '../../../collector/storage/postgres/repricings-read.ts';
import { Listing } from '../../../collector/storage/postgres/session-queries.ts';
import { readSharedSessions } from '../../../collector/storage/postgres/session-shares.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { usd } from '../../support/entries.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { openTwo, optional, SEARCHES, scopeOf, type TwoLedgers, timeOf } from './two-ledgers.ts';

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'lists of sessions', () => {
    let server: RunningPostgres;
    let two: TwoLedgers;
    beforeAll(async () => {
      server = await startPostgres({ version });
      two = await openTwo(server, version === 15 ? 1 : 4);
    }, 240_000);
    afterAll(async () => {
      await two?.destroy();
      await server?.destroy();
    });

    const listing = <Answer>(ask: (listing: Listing) => Promise<Answer>): Promise<Answer> => two.asked((sql) => ask(new Listing(sql)));

    test('lists and counts of any order, time, filter, search and page are the same', async () => {
      const { random, embedded, same } = two;
      const known = await embedded.reader.sessions({ limit: 1_000 });
      expect(known.length).toBeGreaterThan(20);
      expect(known.filter(({ shares }) => shares.length > 0).length).toBeGreaterThan(2);
      for (let round = 0; round < 150; round++) {
        const query = {
          ...{
            fromMs: optional(random, () => timeOf(random)),
            toMs: optional(random, () => timeOf(random)),
            where: scopeOf(random),
            within: scopeOf(random),
          },
          ...{ search: optional(random, () => random.pick(SEARCHES)), limit: random.pick([1, 5, 1_000]) },
          ...{ order: optional(random, (): SessionOrder => random.pick(['last_seen', 'cost', 'duration'])) },
          after: optional(random, () => random.pick<SessionSummary>(known)),
          idPrefix: optional(random, () => random.pick(['S-1', 'S-', 's', '', 'no-session:'])),
        };
        await same(
          JSON.stringify(query, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
          listing((list) => list.sessions(query)),
          embedded.reader.sessions(query),
        );
        await same(
          'count',
          listing((list) => list.sessionCount(query)),
          embedded.reader.sessionCount(query),
        );
      }
    }, 240_000);

    test('every search finds the same', async () => {
      const { embedded } = two;
      const found: number[] = [];
      for (const search of SEARCHES) {
        const sessions = await embedded.reader.sessions({ limit: 1_000, search });
        found.push(sessions.length);
        const answer = await listing((list) => list.sessions({ limit: 1_000, search }));
        expect([search, answer]).toEqual([search, sessions]);
      }
      expect(found.filter((count) => count > 0).length).toBeGreaterThan(10);
    }, 240_000);

    test('bands, senders, users, minutes, gaps and sharers are the same', async () => {
      const { random, embedded, asked, same } = two;
      for (let round = 0; round < 40; round++) {
        const [within, fromMs, toMs] = [scopeOf(random), timeOf(random), timeOf(random)];
        const bands = { fromMs, edges: ['0.1', '1', '3'].map(usd).slice(0, random.below(4)), where: within };
        await same(
          'bands',
          listing((list) => list.sessionBands(bands)),
          embedded.reader.sessionBands(bands),
        );
        const bySender = (one: object): string => JSON.stringify(one);
        const senders = await listing((list) => list.senders(fromMs, within));
        expect(senders.map(bySender).sort()).toEqual((await embedded.reader.senders(fromMs, within)).map(bySender).sort());
        expect(senders).toEqual(senders.toSorted((a, b) => b.lastSeenMs - a.lastSeenMs));
        expect((await listing((list) => list.people(within))).map(bySender).sort()).toEqual(
          (await embedded.reader.people(within)).map(bySender).sort(),
        );
        await same(
          'minutes',
          listing((list) => list.minutes({ fromMs, toMs }, within)),
          embedded.reader.minutes({ fromMs, toMs }, within),
        );
        await same(
          'gaps',
          listing((list) => list.gaps(fromMs, within)),
          embedded.reader.gaps(fromMs, within),
        );
      }
      for (const max of [1, 3, 100])
        await same(
          'sharers',
          asked((sql) => readSharedSessions(sql, max)),
          embedded.reader.sharedSessions(max),
        );
      await same('repricings', asked(readRepricings), embedded.reader.repricings());
    }, 240_000);
  });
});
