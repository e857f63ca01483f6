/**
 * A repricing comes to what the ledger would hold had everything come at the prices of today: compared with a second ledger that was booked
 * with them. Applied again it changes nothing, and what was broken off goes on.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOfBook, reprice } from '../../collector/app/reprice.ts';
import type { MeasureName } from '../../collector/catalog/measures.ts';
import { charge } from '../../collector/ingest/charge.ts';
import { priceUsage } from '../../collector/ingest/price.ts';
import type { Usage } from '../../collector/ingest/usage.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import type { RepricedPart, RepricingReader } from '../../collector/ledger/repricing.ts';
import { requestKey, standInIdentity } from '../../collector/ledger/stand-ins.ts';
import { createPriceBook, type PriceBook, type Rates } from '../../collector/pricing/price-book.ts';
import { openPricedSessions } from '../../collector/storage/postgres/priced-sessions.ts';
import { PricedSessions } from '../../collector/storage/sqlite/priced-sessions.ts';
import { describeWithBackend } from '../support/backends.ts';
import { event, identityOf, NOON, usd } from '../support/entries.ts';
import { openTestLedger as openSharedLedger } from '../support/postgres-ledger.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MEASURES: readonly MeasureName[] = [
  ...([
    'cost',
    'cost_events',
    'cost_metrics',
    'cost_list',
    'cost_estimated',
    'cost_contracted',
    'cost_list_uncertain',
    'cost_list_uncached',
  ] as const),
  ...(['unpriced_tokens', 'input_tokens', 'output_tokens', 'cache_creation_1h_tokens', 'requests'] as const),
];

const rates = (input: number): Rates => ({
  ...{ input: `${input}`, output: `${input * 5}`, cache_read: `${input / 10}` },
  ...{ cache_write_5m: `${(input * 5) / 4}`, cache_write_1h: `${input * 2}` },
});
/** Has no price for the third model. */
const WAS = createPriceBook([{ one: [{ from: '2026-01-01', normal: rates(4) }], two: [{ from: '2026-01-01', normal: rates(8) }] }]);
/** Another price from a day on, one that was wrong, and one more model. */
const IS = createPriceBook([
  {
    one: [
      { from: '2026-01-01', normal: rates(4) },
      { from: '2026-11-20', normal: rates(20) },
    ],
    two: [{ from: '2026-01-01', normal: rates(12) }],
    three: [{ from: '2026-01-01', normal: rates(16) }],
  },
]);

function usageOf(random: Random, index: number): Usage {
  const model = random.pick(['one', 'two', 'three']);
  const timeMs = NOON - DAY + random.below(2 * 24 * 60) * MINUTE;
  const isPoint = random.chance(0.1);
  const written = random.chance(0.5) ? random.below(5_000) : 0;
  const tokens = {
    input: 1 + random.below(9_000),
    output: random.below(900),
    cacheRead: random.below(90_000),
    cacheCreation5m: written,
    cacheCreation1h: 0,
  };
  const amounts = {
    ...{ requests: 1, input_tokens: tokens.input, output_tokens: tokens.output, cache_read_tokens: tokens.cacheRead, cache_creation_tokens: written },
  };
  const reported = random.chance(0.2) ? undefined : (WAS.listCost(model, tokens, timeMs) ?? usd(`0.0${1 + random.below(9)}`));
  return {
    source: isPoint ? 'metrics' : 'events',
    kind: isPoint ? 'cost.usage' : 'api_request',
    timeMs,
    isTimeCertain: true,
    startMs: isPoint ? timeMs - MINUTE : timeMs,
    sessionId: `session-${random.below(6)}`,
    identity: identityOf(`usage ${index}`),
    claims: { resource: new Map(), scope: new Map(), record: new Map() } as unknown as Usage['claims'],
    cost: isPoint ? usd(`0.${10 + random.below(80)}`) : reported,
    tokens: isPoint ? undefined : tokens,
    amounts: isPoint ? {} : amounts,
    dimensions: { model, client_version: '2.1.400', speed: 'normal' },
  };
}

const entriesOf = (usages: readonly Usage[], prices: PriceBook): Entry[] =>
  usages.map((usage) => charge(usage, { team: usage.dimensions.model === 'two' ? 'a' : 'b', user: 'u' }, priceUsage(usage, prices)));

interface PricedLedger extends Pick<TestLedger, 'writer' | 'reader' | 'destroy'> {
  prices(): RepricingReader;
}

type OpenLedger = () => Promise<PricedLedger>;

async function booked(open: OpenLedger, usages: readonly Usage[], prices: PriceBook): Promise<PricedLedger> {
  const ledger = await open();
  const entries = entriesOf(usages, prices);
  for (let at = 0; at < entries.length; at += 40) await ledger.writer.append({ entries: entries.slice(at, at + 40), receivedMs: NOON + DAY });
  return ledger;
}

async function sumsOf({ reader }: PricedLedger): Promise<string[]> {
  const { rows } = await reader.query({
    measures: MEASURES,
    by: ['model', 'team'],
    grain: 'quarter_hour',
    timeZone: 'UTC',
    where: [],
    rowsMax: 9_999,
  });
  return rows.map(({ startMs, key, values }) => `${startMs} ${key} ${values}`).sort();
}

function describeRepricing(store: string, open: OpenLedger): void {
  describe(`repricing: ${store}`, () => {
    const random = seededRandom('property: repricing');
    let usages: readonly Usage[];
    let ledger: PricedLedger;

    beforeEach(async () => {
      usages = Array.from({ length: 150 }, (_, index) => usageOf(random, index));
      ledger = await booked(open, usages, WAS);
    });
    afterEach(async () => {
      const differences = await ledger.reader.check();
      await ledger.destroy();
      expect(differences).toEqual([]);
    });

    const run = async (prices: PriceBook, part: RepricedPart = {}, append: (entries: readonly Entry[]) => Promise<unknown> = apply) => {
      const reader = ledger.prices();
      try {
        return await reprice({ reader, prices, part, append, onProgress: () => undefined, isCancelled: () => false });
      } finally {
        await reader.close();
      }
    };
    const apply = (entries: readonly Entry[]) => ledger.writer.append({ entries, receivedMs: NOON + 2 * DAY });

    test('at the same prices finds nothing', async () => {
      expect(await run(WAS)).toMatchObject({ corrections: 0, shares: [], isWhole: true });
    });

    test('comes to what a ledger holds that was booked at these prices, and applied again changes nothing', async () => {
      const wanted = await booked(open, usages, IS);
      const [before, expected] = [await sumsOf(ledger), await sumsOf(wanted)];
      await wanted.destroy();
      const outcome = await run(IS);
      expect(outcome.corrections).toBeGreaterThan(0);
      expect(await sumsOf(ledger)).toEqual(expected);
      expect(await run(IS)).toMatchObject({ corrections: 0 });
      // There and back again, as often as somebody likes.
      await run(WAS);
      expect(await sumsOf(ledger)).toEqual(before);
      await run(IS);
      expect(await sumsOf(ledger)).toEqual(expected);
    });

    test('says by model and team how far figures will move, without moving any', async () => {
      const before = await sumsOf(ledger);
      const outcome = await run(IS, {}, async () => undefined);
      expect(await sumsOf(ledger)).toEqual(before);
      await run(IS);
      const list = async (model: string): Promise<bigint | undefined> => {
        const query = {
          measures: ['cost_list'],
          by: [],
          grain: 'total',
          timeZone: 'UTC',
          where: [{ dimension: 'model', values: [model] }],
          rowsMax: 9,
        } as const;
        return (await ledger.reader.query(query)).totals[0];
      };
      expect(outcome.shares.map(({ model, team }) => `${model} ${team}`)).toEqual(['one b', 'three b', 'two a']);
      const three = outcome.shares.find(({ model }) => model === 'three');
      expect(usd(three?.list ?? '')).toBe(await list('three'));
      expect(three?.unpricedTokens).toBeLessThan(0);
    });

    test('goes on where it was broken off', async () => {
      const wanted = await booked(open, usages, IS);
      const expected = await sumsOf(wanted);
      await wanted.destroy();
      await expect(
        run(IS, {}, async (entries) => {
          await apply(entries.slice(0, 7));
          throw new Error('killed');
        }),
      ).rejects.toThrow('killed');
      await run(IS);
      expect(await sumsOf(ledger)).toEqual(expected);
    });

    test('is of the models and times that are asked for', async () => {
      const outcome = await run(IS, { models: ['one'], fromMs: NOON });
      expect(outcome.shares.map(({ model }) => model)).toEqual(['one']);
      expect(await run(IS, { models: ['one'] })).toMatchObject({ corrections: expect.any(Number) });
      expect(await run(IS, { models: ['one'] })).toMatchObject({ corrections: 0 });
      expect((await run(IS)).shares.map(({ model }) => model)).toEqual(['three', 'two']);
    });

    test('leaves the price that an import brought, gives a request without one its own, and takes it back where an event has the request', async () => {
      const keyOf = (id: string): string => requestKey({ id, model: 'three', input: 10, cacheRead: 0, cacheCreation: 0 });
      const standIn = (id: string, model: string, list: string): Entry => ({
        ...event({ id, model, cost: '0', request: keyOf(id), amounts: { ...AMOUNTS, ...(list === '0' && { unpriced_tokens: 30 }) } }),
        ...{ identity: standInIdentity(id), listCost: usd(list), isCostMissing: true, isStandIn: true },
      });
      const AMOUNTS = { requests: 1, input_tokens: 10, output_tokens: 20 };
      const ofImport = async () => {
        const where = [{ dimension: 'team', values: ['platform'] }] as const;
        const measures = ['cost', 'cost_list', 'cost_estimated', 'unpriced_tokens'] as const;
        return (await ledger.reader.query({ measures, by: [], grain: 'total', timeZone: 'UTC', where, rowsMax: 9 })).totals;
      };
      await run(IS);
      await apply([standIn('batch', 'one', '9'), standIn('unknown', 'three', '0')]);
      expect(await ofImport()).toEqual([usd('9'), usd('9'), usd('9'), 30n]);
      const { shares } = await run(IS);
      expect(shares).toMatchObject([{ model: 'three', team: 'platform', list: '0.00176', cost: '0.00176', unpricedTokens: -30 }]);
      expect(await ofImport()).toEqual([usd('9.00176'), usd('9.00176'), usd('9.00176'), 0n]);
      expect(await run(IS)).toMatchObject({ corrections: 0 });
      const reported = event({ id: 'unknown', model: 'three', cost: '0.5', request: keyOf('unknown') });
      await apply([{ ...reported, listCost: usd('0.00176') }]);
      await run(IS);
      expect(await ofImport()).toEqual([usd('9.5'), usd('9.00176'), usd('9'), 0n]);
      expect(await run(IS)).toMatchObject({ corrections: 0 });
    });

    test('leaves a closed month as it is, and says what it cannot reprice', async () => {
      const november = {
        measures: MEASURES,
        by: [],
        grain: 'total',
        timeZone: 'UTC',
        where: [],
        toMs: Date.parse('2026-12-01'),
        rowsMax: 9,
      } as const;
      await ledger.writer.closeMonth('2026-11', NOON + 20 * DAY);
      const before = (await ledger.reader.query(november)).totals;
      await run(IS, {}, (entries) => ledger.writer.append({ entries, receivedMs: NOON + 20 * DAY }));
      expect((await ledger.reader.query(november)).totals).toEqual(before);
      expect(await run(IS)).toMatchObject({ corrections: 0, beyond: { sessions: 0, list: '0.00' } });
      const { totals } = await ledger.reader.query({ ...november, measures: ['cost_list'], toMs: Date.parse('2027-01-01') });
      await ledger.writer.prune(NOON + 20 * DAY);
      const { beyond, corrections } = await run(WAS);
      expect([beyond.sessions, usd(beyond.list), corrections]).toEqual([6, totals[0], 0]);
    });
  });
}

describeRepricing('node:sqlite', async () => {
  const ledger = await openTestLedger();
  return { ...ledger, prices: () => new PricedSessions(ledger.file) };
});

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'a shared ledger', () => {
    let server: RunningPostgres;
    beforeAll(async () => {
      server = await startPostgres({ version });
    });
    afterAll(() => server?.destroy());

    describeRepricing('one replica', async () => {
      const ledger = await openSharedLedger(server);
      return { ...ledger, prices: () => openPricedSessions(ledger.target) };
    });
  });
});

test('the same prices have the same digest, others another', () => {
  const all = [digestOfBook(WAS, []), digestOfBook(WAS, []), digestOfBook(IS, []), digestOfBook(WAS, ['terms'])];
  expect(all[0]).toBe(all[1]);
  expect(new Set(all).size).toBe(3);
});
