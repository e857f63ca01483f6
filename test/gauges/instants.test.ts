/** Gauges of users, hours, sessions, prices and trust against plain computations over the raw entries, also in another zone than the ledger's. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GaugeName } from '../../collector/catalog/gauges.ts';
import type { DimensionName } from '../../collector/catalog/measures.ts';
import type { Filter } from '../../collector/catalog/values.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { createPriceBook } from '../../collector/pricing/price-book.ts';
import { GAUGE_READERS } from '../../collector/query/gauges/registry.ts';
import { contextOf } from '../query/gauges/gauge-context.ts';
import { event, metric } from '../support/entries.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { DAY, known, LAST, MINUTE, stored } from './oracles/asked.ts';
import { BENCHMARKS, INSTANT_ORACLES, LIMITS, PRICE_ORACLES, PRICES } from './oracles/instants.ts';

const CASES = 12;
const ENTRIES = 900;
const SESSIONS = 140;
const VERSIONS = ['1.0.60', '2.1.59', '2.1.121', '2.1.238', '2.1.329', ''];

/** Sessions of one owner that go on for minutes or weeks, also over the end of a month. */
function generated(random: Random): Entry[] {
  const sessions = Array.from({ length: SESSIONS }, (_, index) => ({
    sessionId: `s${index}`,
    fromMs: LAST - Math.floor(random.next() * 45 * DAY),
    lengthMs: random.chance(0.3) ? 12 * DAY : 3 * 60 * MINUTE,
    owner: {
      ...{ user: random.pick(['ada', 'bob', 'cy', 'dee', 'eve', 'fay', '']), organization: random.pick(['acme', 'acme', 'beta', '']) },
      ...{ team: random.pick(['core', 'web', '']), workspace: random.pick(['api', 'site', '']), client_version: random.pick(VERSIONS) },
    },
  }));
  const minutes = new Set<number>();
  const entries = Array.from({ length: ENTRIES }, (_, index) => {
    const { sessionId, fromMs, lengthMs, owner } = random.pick(sessions);
    let timeMs = Math.min(LAST - 1, fromMs + Math.floor(random.next() * lengthMs));
    // No two in one minute, which is all that the ledger knows of when somebody was last seen.
    while (minutes.has(Math.floor(timeMs / MINUTE))) timeMs -= MINUTE;
    minutes.add(Math.floor(timeMs / MINUTE));
    const created = random.below(5_000);
    return event({
      ...{ id: `${index}`, sessionId, timeMs, user: owner.user, team: owner.team },
      cost: String(1 + random.below(900) / 100),
      amounts: {
        ...{ requests: 1, input_tokens: 1 + random.below(900), output_tokens: random.below(90), cache_read_tokens: random.below(10_000) },
        ...{ cache_creation_tokens: created, cache_creation_1h_tokens: random.below(created + 1) },
      },
      dimensions: known({ ...owner, model: random.pick(['claude-opus-4', 'claude-opus-5', 'claude-haiku-5', 'unpriced', '']) }),
    });
  });
  const numbers = new Map<string, number>();
  return entries
    .toSorted((a, b) => a.timeMs - b.timeMs)
    .map((entry) => {
      const sequence = (numbers.get(entry.sessionId) ?? -1) + 1 + (random.chance(0.15) ? random.below(4) : 0);
      numbers.set(entry.sessionId, sequence);
      return { ...entry, sequence };
    });
}

const prices = createPriceBook([
  Object.fromEntries(
    Object.entries(PRICES).map(([model, rows]) => [
      model,
      rows.map(({ from, input, output, cache_read }) => ({
        from,
        normal: {
          ...{ input: String(input), output: String(output), cache_read: String(cache_read) },
          ...{ cache_write_5m: String(input * 1.25), cache_write_1h: String(input * 2) },
        },
      })),
    ]),
  ),
]);

const ORACLES = { ...INSTANT_ORACLES, ...PRICE_ORACLES };

/** The zone of the ledger, and the one that is asked for. */
describe.each([
  ['UTC', 'UTC'],
  ['America/New_York', 'America/New_York'],
  ['UTC', 'America/New_York'],
  ['Europe/Berlin', 'Asia/Kathmandu'],
  ['Asia/Kolkata', 'Australia/Lord_Howe'],
])('a ledger in %s, asked in %s', (ledgerZone, timeZone) => {
  const random = seededRandom(`instants ${ledgerZone} ${timeZone}`);
  const entries = generated(random);
  const owned = (of: 'set' | 'held', index: number) =>
    ({ id: `${of} ${index}`, cost: String(1 + random.below(9)), user: random.pick(['ada', 'bob']), team: random.pick(['core', 'web']) }) as const;
  const setAside = [1, 2, 3].map((index) =>
    event({ ...owned('set', index), sessionId: `aside ${index}`, timeMs: LAST - 60 * DAY, amounts: {}, isSetAside: true, isTimeUncertain: true }),
  );
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await openTestLedger({ timeZone: ledgerZone });
    await ledger.writer.append({ entries, receivedMs: LAST });
  });
  afterAll(() => ledger.destroy());

  const DIMENSIONS = ['organization', 'team', 'user', 'workspace', 'client_version', 'model'] as const satisfies readonly DimensionName[];
  const filters = (): Filter[] =>
    DIMENSIONS.filter(() => random.chance(0.25)).map((dimension) => {
      const values = [...new Set(entries.map((entry) => stored(entry, dimension)))];
      return { dimension, values: [...new Set([random.pick(values), random.pick(values)])] };
    });

  test.each(Object.entries(ORACLES))('%s is what its help says', async (name, oracle) => {
    for (let index = 0; index < CASES; index++) {
      const where = index === 0 ? [] : filters();
      const nowMs = LAST + random.below(20 * 24 * 60) * MINUTE;
      const config = { rate_limits: LIMITS, benchmarks: BENCHMARKS };
      const samples = await GAUGE_READERS[name as GaugeName].read(contextOf(ledger, { nowMs, timeZone, where, config, prices }));
      const right = oracle({ entries, nowMs, timeZone, where });
      const nearly = Object.fromEntries(Object.entries(right).map(([labels, value]) => [labels, expect.closeTo(value, 6)]));
      expect([where, nowMs, Object.fromEntries(samples.map(({ labels, value }) => [labels.join('|'), value]))]).toEqual([where, nowMs, nearly]);
      expect(samples).toHaveLength(Object.keys(right).length);
    }
  });

  test('cost that is set aside or held back is of those whom it names, and in no booked cost', async () => {
    const apart = await openTestLedger({ timeZone: ledgerZone });
    const others = Array.from({ length: 60 }, (_, index) =>
      event({ id: 'a', sessionId: `o${index}`, keys: [`${index}`], team: 'core', timeMs: LAST }),
    );
    const heldBack = [1, 2].map((index) =>
      metric({ ...owned('held', index), user: '', sessionId: `no-session:nobody:2026-11-0${index}`, keys: [], startMs: LAST - 1_000, timeMs: LAST }),
    );
    await apart.writer.append({ entries: [...others, ...setAside, ...heldBack], receivedMs: LAST });
    for (const where of [[], [{ dimension: 'team', values: ['core'] }], [{ dimension: 'user', values: ['ada', ''] }]] satisfies Filter[][]) {
      for (const name of ['ledger_cost', 'set_aside_cost', 'unreconciled_cost'] as const) {
        const [sample] = await GAUGE_READERS[name].read(contextOf(apart, { nowMs: LAST, timeZone, where }));
        const right = ORACLES[name]?.({ entries: others, setAside, heldBack, nowMs: LAST, timeZone, where })[''] ?? Number.NaN;
        expect([name, where, sample?.value]).toEqual([name, where, expect.closeTo(right, 9)]);
      }
    }
    await apart.destroy();
  });
});
