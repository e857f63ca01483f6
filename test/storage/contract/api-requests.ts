/** What the API counted, beside what clients reported: held to a plain comparison of two lists. */
import { describe, expect, test } from '@jest/globals';
import type { ApiRequest, ApiRequestsQuery } from '../../../collector/ledger/api-requests.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { idKeyIn, requestIdKey, requestKey } from '../../../collector/ledger/stand-ins.ts';
import { event, NOON, usd } from '../../support/entries.ts';
import { seededRandom } from '../../support/random.ts';
import { type OpenStore, useLedger } from './ledger-under-test.ts';

const DAY = 86_400_000;
const HOUR = DAY / 24;
const TODAY = NOON - 12 * HOUR;
const ALL: ApiRequestsQuery = { fromMs: TODAY - 30 * DAY, toMs: TODAY + 30 * DAY };

const requestOf = (id: string): string => requestKey({ id, model: 'claude-opus-5-5', input: 10, cacheRead: 0, cacheCreation: 0 });

const counted = (id: string, rest: Partial<ApiRequest> = {}): ApiRequest => ({
  request: requestIdKey(id),
  timeMs: NOON,
  organization: 'org',
  workspace: 'wrkspc',
  model: 'claude-opus-5-5',
  tokens: { input: 1, output: 2, cacheRead: 3, cacheCreation5m: 4, cacheCreation1h: 5 },
  listCost: usd('0.02'),
  ...rest,
});

export function describeApiRequests(open: OpenStore): void {
  describe('what the API counted', () => {
    const ledger = useLedger(open);
    const { append, total } = ledger;
    const ask = (query = ALL) => ledger.reader.apiRequests(query);

    test('is kept once, books nothing, and is there after opening again', async () => {
      expect(await ledger.writer.appendApiRequests([counted('a'), counted('b'), counted('a')])).toEqual({ appended: 2, duplicates: 1 });
      await ledger.reopen();
      const again = [counted('a', { timeMs: NOON + DAY }), counted('b')];
      expect(await ledger.writer.appendApiRequests(again)).toEqual({ appended: 0, duplicates: 2 });
      expect(await total()).toBe(0n);
      const { sums, uncounted } = await ask();
      expect(sums.map(({ requests, isReported, listCost }) => ({ requests, isReported, listCost }))).toEqual([
        { requests: 2, isReported: false, listCost: usd('0.04') },
      ]);
      expect(uncounted).toEqual([{ dayMs: TODAY, requests: 0, reportedCost: 0n }]);
    });

    test('is nothing within filters, and goes with what is older than retention', async () => {
      await append(event({ id: 'e', sessionId: 's', timeMs: NOON + 5 * DAY }));
      await ledger.writer.appendApiRequests([counted('old'), counted('new', { timeMs: NOON + 5 * DAY })]);
      expect((await ledger.reader.apiRequests(ALL, [{ dimension: 'team', values: ['platform'] }])).sums).toEqual([]);
      await ledger.writer.prune(NOON + DAY);
      expect((await ask()).sums.map(({ dayMs }) => dayMs)).toEqual([TODAY + 5 * DAY]);
    });

    test('agrees with a comparison of two lists, whatever the order, the day and the clock', async () => {
      const random = seededRandom('api requests');
      const ids = Array.from({ length: 300 }, (_, index) => `req_${index}`);
      const at = (): number => NOON + random.below(4) * DAY + random.below(HOUR);
      const timeOf = new Map(ids.map((id) => [id, at()]));
      const spans = ids
        .filter(() => random.chance(0.7))
        .map((id) =>
          counted(id, {
            timeMs: timeOf.get(id) ?? 0,
            workspace: random.pick(['', 'wrkspc_a', 'wrkspc_b']),
            model: random.pick(['claude-opus-5-5', 'claude-haiku-5-5']),
            listCost: random.chance(0.1) ? undefined : BigInt(random.below(1_000_000)),
          }),
        );
      const events: Entry[] = ids
        .filter(() => random.chance(0.7))
        .map((id) =>
          event({ id, sessionId: `session ${random.below(9)}`, timeMs: (timeOf.get(id) ?? 0) + random.below(60_000), request: requestOf(id) }),
        );
      const unnamed = [event({ id: 'without an id', timeMs: NOON }), event({ id: 'no id', timeMs: NOON, request: requestOf('') })];
      for (const part of random.shuffle([...chunks(spans, 40), ...chunks(events, 40), unnamed])) {
        const [first] = part;
        if (first !== undefined && 'identity' in first) await append(...(part as readonly Entry[]));
        else await ledger.writer.appendApiRequests(part as readonly ApiRequest[]);
      }
      const reported = new Map(events.map(({ request = '', cost }) => [idKeyIn(request) ?? '', cost]));
      const { sums, uncounted } = await ask();
      const own = (one: ApiRequest, sum: (typeof sums)[number]): boolean =>
        one.workspace === sum.workspace &&
        one.model === sum.model &&
        Math.floor(one.timeMs / DAY) * DAY === sum.dayMs &&
        reported.has(one.request) === sum.isReported;
      expect(sums.reduce((all, { requests }) => all + requests, 0)).toBe(spans.length);
      for (const sum of sums) {
        const wanted = spans.filter((one) => own(one, sum));
        expect({ ...sum, tokens: sum.tokens.cacheCreation1h }).toMatchObject({
          requests: wanted.length,
          tokens: 5 * wanted.length,
          listCost: wanted.reduce((all, { listCost }) => all + (listCost ?? 0n), 0n),
          unpricedRequests: wanted.filter(({ listCost }) => listCost === undefined).length,
          reportedCost: wanted.reduce((all, { request }) => all + (reported.get(request) ?? 0n), 0n),
        });
      }
      const spanned = new Set(spans.map(({ request }) => request));
      const days = new Set(spans.map(({ timeMs }) => Math.floor(timeMs / DAY) * DAY));
      for (const { dayMs, requests } of uncounted) {
        const lost = events.filter(({ request, timeMs }) => !spanned.has(idKeyIn(request ?? '') ?? '') && Math.floor(timeMs / DAY) * DAY === dayMs);
        expect({ dayMs, requests }).toEqual({ dayMs, requests: lost.length });
      }
      expect(new Set(uncounted.map(({ dayMs }) => dayMs))).toEqual(days);
    });
  });
}

const chunks = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
