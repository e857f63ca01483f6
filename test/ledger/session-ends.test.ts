/**
 * Where a session begins and ends follows from which entries there are, in whatever order, company and grouping they come: it begins with its
 * first record that counts, else with its first adjustment, and ends with the last of both. Compared with an oracle after each delivery.
 */
import { describe, expect, test } from '@jest/globals';
import { DAY_MS, MINUTE_MS } from '../../collector/core/duration.ts';
import { inTimeOrder } from '../../collector/ledger/booking.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { asideIdentity } from '../../collector/ledger/set-aside.ts';
import { coveredAmong, requestKey, standInIdentity } from '../../collector/ledger/stand-ins.ts';
import { EngineInMemory } from '../support/engine-in-memory.ts';
import { adjustment, event, metric, NOON, usd } from '../support/entries.ts';
import { type Random, seededRandom } from '../support/random.ts';

const ROUNDS = Number(process.env.LEDGERLINE_TEST_ROUNDS ?? 60);
const RECEIVED = NOON + DAY_MS;

const keyOf = (id: string, input = 10): string => requestKey({ id, model: 'opus', input, cacheRead: 0, cacheCreation: 0 });

type Overrides = Parameters<typeof event>[0];

/** A request of a transcript, without a cost of its own. */
const standIn = ({ id, ...rest }: Overrides, isBeside = false): Entry => ({
  ...event({ ...rest, id, cost: '0' }),
  ...{ identity: standInIdentity(id, isBeside), listCost: usd('0.02'), isCostMissing: true, isStandIn: true },
});

function entryOf(random: Random, index: number): Entry {
  const timeMs = NOON + random.below(8) * (random.chance(0.5) ? 1 : 20 * MINUTE_MS);
  const common = { id: `${index}`, timeMs, sessionId: random.pick(['a', 'a', 'b']), user: random.pick(['u', 'v', 'w']) };
  const request = keyOf(random.pick(['', 'req_1', 'req_2', 'req_3']), random.pick([10, 11]));
  const kind = random.below(10);
  if (kind < 3) return adjustment({ ...common, cost: '-0.5' });
  if (kind < 6) return standIn({ ...common, request }, random.chance(0.2));
  if (kind < 8) return event({ ...common, sequence: index, request, ...(random.chance(0.1) && { dimensions: { start_type: 'agents_view' } }) });
  if (kind < 9) return metric({ ...common, cost: '0.03', startMs: timeMs - MINUTE_MS });
  const late = event(common);
  return { ...late, identity: asideIdentity(late.identity), isSetAside: true, isTimeUncertain: true };
}

function* deliveries(random: Random, entries: readonly Entry[]): Iterable<readonly Entry[]> {
  const left = random.shuffle([...entries, ...entries.filter(() => random.chance(0.2))]);
  while (left.length > 0) yield left.splice(0, 1 + random.below(random.pick([1, 3, 9])));
}

interface Expected {
  readonly ends: Record<string, readonly [first: string | undefined, last: string | undefined]>;
  /** Sessions that are counted, by the user of the record that they begin with. */
  readonly byUser: Record<string, number>;
}

function oracle(entries: Iterable<Entry>): Expected {
  const expected: Expected = { ends: {}, byUser: {} };
  for (const [sessionId, own] of Map.groupBy(entries, (entry) => entry.sessionId)) {
    const requests = own.flatMap(({ request, isStandIn = false, identity, timeMs }) =>
      request === undefined ? [] : [{ identity, timeMs, request, isStandIn, isCovered: false }],
    );
    const covered = coveredAmong(requests);
    const counted = own.filter(({ identity }) => !covered.has(identity)).sort(inTimeOrder);
    const records = counted.filter(({ isAdjustment }) => isAdjustment !== true);
    expected.ends[sessionId] = [(records[0] ?? counted[0])?.identity, counted.at(-1)?.identity];
    const isDashboard = records.some(({ dimensions }) => dimensions.start_type === 'agents_view');
    const { user = '' } = records[0]?.dimensions ?? {};
    if (records.length > 0 && !isDashboard) expected.byUser[user] = (expected.byUser[user] ?? 0) + 1;
  }
  return expected;
}

function withLedger(use: (ledger: EngineInMemory) => void): void {
  const ledger = new EngineInMemory({ checkpointEvery: 2 });
  try {
    use(ledger);
  } finally {
    ledger.close();
  }
}

function expectEndsAfter(batches: Iterable<readonly Entry[]>, between: (ledger: EngineInMemory) => void = () => undefined): void {
  withLedger((ledger) => {
    const there = new Map<string, Entry>();
    for (const batch of batches) {
      ledger.append(batch, RECEIVED);
      for (const entry of batch) there.getOrInsertComputed(`${entry.sessionId} ${entry.identity}`, () => entry);
      const { ends, byUser } = oracle(there.values());
      expect(ledger.sessionEnds()).toEqual(ends);
      expect(ledger.sessionsByUser()).toEqual(byUser);
      expect(ledger.check()).toEqual([]);
      between(ledger);
    }
  });
}

describe('where a session begins and ends', () => {
  const random = seededRandom('property: ends of sessions');

  test('depends only on which entries it has', () => {
    for (let round = 0; round < ROUNDS; round++) {
      const entries = Array.from({ length: 2 + random.below(14) }, (_, index) => entryOf(random, index));
      expectEndsAfter(deliveries(random, entries), (ledger) => {
        if (random.chance(0.15)) ledger.forget();
      });
    }
  });

  const request = keyOf('req_1');
  const early = standIn({ id: 's', sessionId: 'a', timeMs: NOON - MINUTE_MS, request, user: 'u' });
  const late = standIn({ id: 't', sessionId: 'a', timeMs: NOON + MINUTE_MS, request, user: 'u' });
  const reported = event({ id: 'e', sessionId: 'a', request, user: 'v' });
  const correction = adjustment({ id: 'c', sessionId: 'a', timeMs: NOON - 2 * MINUTE_MS, user: 'w' });

  test('knows a place that only something given back has', () => {
    const counted = event({ id: 'counted', sessionId: 'a', request: keyOf('req_1'), user: 'u' });
    // Without an id it is about the event's request, until one comes that has its id.
    const loose = standIn({ id: 'loose', sessionId: 'a', request: keyOf(''), user: 'w' });
    const exact = standIn({ id: 'exact', sessionId: 'a', request: keyOf('req_1'), user: 'u' });
    expectEndsAfter([[counted, loose], [exact]]);
  });

  test('takes what is given back into account where only something set aside is new beside it', () => {
    const record = event({ id: 'old', sessionId: 'a' });
    const aside: Entry = { ...record, identity: asideIdentity(record.identity), isSetAside: true, isTimeUncertain: true };
    // The earlier stand-in takes the event of the later one, which then counts.
    expectEndsAfter([
      [reported, late],
      [early, aside],
    ]);
  });

  test.each<[string, readonly (readonly Entry[])[]]>([
    ['a stand-in that is covered at once', [[early, reported]]],
    ['one that is covered at once, and would end it', [[late, reported]]],
    ['one that is covered at once, after an adjustment', [[correction], [early, reported]]],
    ['one that is covered afterwards, after an adjustment', [[correction], [late], [reported]]],
  ])('%s neither begins nor ends it', (_, batches) => expectEndsAfter(batches));
});
