/** Single sessions, and what is added up from entries, answered from PostgreSQL as from the embedded ledger. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Filter } from '../../../collector/catalog/values.ts';
import { DAY_MS } from '../../../collector/core/duration.ts';
import type { RepricedPart, RepricingReader } from '../../../collector/ledger/repricing.ts';
import type { Session } from '../../../collector/ledger/sessions.ts';
import { readApiRequests } from '../../../collector/storage/postgres/api-requests-read.ts';
import { openPricedSessions } from '../../../collector/storage/postgres/priced-sessions.ts';
import { SessionReader } from '../../../collector/storage/postgres/session-reader.ts';
import { userMinutes } from '../../../collector/storage/postgres/user-minutes.ts';
import { PricedSessions } from '../../../collector/storage/sqlite/priced-sessions.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { NOON } from '../../support/entries.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { openTwo, optional, scopeOf, type TwoLedgers, timeOf } from './two-ledgers.ts';

/** Models come in any order. */
const inOrder = (session: Session | undefined) => session && { ...session, models: session.models.toSorted((a, b) => (a.model < b.model ? -1 : 1)) };

type Pages = Awaited<ReturnType<RepricingReader['page']>>[];

async function pagesOf(reader: RepricingReader, part: RepricedPart): Promise<Pages> {
  const pages: Pages = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page = await reader.page(part, after);
    pages.push(page);
    after = page.next;
  }
  return pages;
}

/** By session, with names in the place of numbers. */
const pricedOf = (pages: Pages) =>
  pages
    .flatMap(({ sessions, dimensions }) => {
      const named = ({ dims, ...rest }: { readonly dims: number }) => ({ ...rest, names: dimensions.get(dims) });
      return sessions.map(({ sessionId, items, adjustments, company }) => ({
        ...{ sessionId, items: items.map(named), adjustments: adjustments.map(named) },
        ...{ isHeldBack: company.isHeldBack, shadows: company.shadows.length },
      }));
    })
    .sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1));

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'readings of sessions', () => {
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

    const reading = <Answer>(ask: (reader: SessionReader) => Promise<Answer>): Promise<Answer> =>
      two.asked((sql) => ask(new SessionReader(sql, two.slots)));

    test('each session, whole and in part, by its full id and by the client’s, is the same, and so is its course', async () => {
      const { random, embedded, same } = two;
      const names = (await embedded.reader.sessions({ limit: 1_000 })).flatMap(({ sessionId }) => [
        sessionId,
        sessionId.split('~')[0] ?? '',
        `${sessionId}~`,
      ]);
      for (const name of [...new Set(names), 'nobody', 'S-1\0', 'unborn S-1']) {
        const within = scopeOf(random);
        for (const scope of [[], within]) {
          const one = inOrder(await reading((reader) => reader.session(name, scope)));
          expect([name, scope, one]).toEqual([name, scope, inOrder(await embedded.reader.session(name, scope))]);
        }
        await same(
          name,
          reading((reader) => reader.summary(name, within)),
          embedded.reader.sessionSummary(name, within),
        );
        const query = {
          ...{ recordsMax: random.pick([0, 2, 1_000]), fromMs: optional(random, () => timeOf(random)), toMs: optional(random, () => timeOf(random)) },
          within: optional(random, () => random.pick<readonly Filter[]>([within, [{ dimension: 'model', values: ['opus'] }]])),
        };
        await same(
          `course of ${name}`,
          reading((reader) => reader.course(name, query)),
          embedded.reader.course(name, query),
        );
      }
    }, 240_000);

    test('user-minutes and what the API counted are the same', async () => {
      const { random, embedded, asked, same } = two;
      for (let round = 0; round < 30; round++) {
        const query = {
          fromMs: timeOf(random),
          toMs: timeOf(random),
          within: optional(random, () => scopeOf(random)),
          rowsMax: random.pick([3, 10_000]),
        };
        await same(
          'user-minutes',
          asked((sql) => userMinutes(sql, query)),
          embedded.reader.userMinutes(query),
        );
      }
      for (const days of [0, 1, 9]) {
        const query = { fromMs: NOON - DAY_MS, toMs: NOON + days * DAY_MS };
        await same(
          'API',
          asked((sql) => readApiRequests(sql, query)),
          embedded.reader.apiRequests(query),
        );
      }
    }, 240_000);

    test('a repricing reads the same', async () => {
      const { embedded, target, same } = two;
      const other = new PricedSessions(embedded.file);
      const prices = openPricedSessions(target);
      for (const part of [{}, { fromMs: NOON - 31 * DAY_MS, toMs: NOON }, { models: ['opus'] }, { models: ['nothing'] }]) {
        await same('beyond', prices.beyond(part), other.beyond(part));
        expect(pricedOf(await pagesOf(prices, part))).toEqual(pricedOf(await pagesOf(other, part)));
      }
      expect(await prices.entries()).toBe(await other.entries());
      await Promise.all([prices.close(), other.close()]);
    }, 240_000);
  });
});
