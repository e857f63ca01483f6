/**
 * A pool with so many entries beside it that each new one could have all of them walked again is held back. Whether it is depends on how
 * many entries there are, in whichever order they came.
 */
import { expect, test } from '@jest/globals';
import { DAY_MS, MINUTE_MS } from '../../collector/core/duration.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { inTouchedWindows } from '../../collector/ledger/pool-booking.ts';
import { poolId } from '../../collector/ledger/pools.ts';
import { EngineInMemory } from '../support/engine-in-memory.ts';
import { event, metric, NOON } from '../support/entries.ts';
import { MemoryDims } from '../support/memory-tables.ts';
import { type Random, seededRandom } from '../support/random.ts';

const ENTRIES_MAX = 10_000;
const RECEIVED = NOON + DAY_MS;
const POOL = poolId('alice', '2026-11-20');
const keys = ['alice'];

const request = (id: string, timeMs: number, sessionId = 's') => event({ id, sessionId, keys, timeMs, cost: '0.01', user: 'alice' });
const lost = (id: string, timeMs: number) => metric({ id, sessionId: POOL, keys, timeMs, startMs: timeMs - MINUTE_MS, cost: '0.03', user: 'alice' });

/** A session of so many requests, one each second until noon. */
const requests = (count: number): Entry[] => Array.from({ length: count }, (_, index) => request(`${index}`, NOON - index * 1000));

function withLedger<Result>(use: (ledger: EngineInMemory) => Result, rebookedEntries = 100): Result {
  const ledger = new EngineInMemory({ rebookedEntries });
  try {
    return use(ledger);
  } finally {
    ledger.close();
  }
}

const unreconciled = (ledger: EngineInMemory): boolean => ledger.rows().some((row) => row.includes('cost_unreconciled='));

test('late records walk no large session beside a pool', () => {
  withLedger((ledger) => {
    ledger.append(requests(3 * ENTRIES_MAX), RECEIVED);
    ledger.append([lost('a', NOON - 100 * MINUTE_MS), lost('b', NOON)], RECEIVED);
    for (const restart of [false, true, false]) {
      if (restart) ledger.forget();
      const late = Array.from({ length: 8 }, (_, index) => lost(`${restart} ${index}`, NOON - index * 50 * MINUTE_MS));
      ledger.append(late, RECEIVED);
      expect(ledger.walked).toBeLessThan(100);
    }
    ledger.append(
      Array.from({ length: 8 }, (_, index) => request(`late ${index}`, NOON - index * 50 * MINUTE_MS - 500)),
      RECEIVED,
    );
    ledger.append([request('next', NOON + 1000)], RECEIVED);
    expect(ledger.check()).toEqual([]);
  });
});

test('the entry that is one too many holds the pool back, also one without cost', () => {
  withLedger((ledger) => {
    ledger.append([...requests(ENTRIES_MAX - 2), lost('a', NOON), lost('b', NOON)].slice(1), RECEIVED);
    ledger.append([request('last', NOON + 1000)], RECEIVED);
    expect(unreconciled(ledger)).toBe(false);
    ledger.append([{ ...request('more', NOON + DAY_MS / 4), cost: 0n, amounts: {} }], RECEIVED);
    expect(unreconciled(ledger)).toBe(true);
    expect(ledger.rows()).toEqual(ledger.rebooked());
    ledger.append([request('after', NOON + 2000), lost('c', NOON)], RECEIVED);
    expect(ledger.rows()).toEqual(ledger.rebooked());
    expect(ledger.check()).toEqual([]);
  });
});

test('of a long time in which little is new, only the windows of that are booked again', () => {
  const dims = new MemoryDims();
  const histories = new Map([
    [1, requests(2_000).map((entry) => dims.incoming(entry))],
    [2, [dims.incoming(lost('a', NOON - 1_500_500))]],
  ]);
  const fresh = new Set([request('0', NOON).identity, lost('a', NOON).identity]);
  const kept = inTouchedWindows(histories, (_, { identity }) => fresh.has(identity));
  // The reading covers a minute, and one before and after.
  expect([...kept].map(([session, items]) => [session, items.length])).toEqual([
    [1, 1 + 180],
    [2, 1],
  ]);
});

const random = seededRandom('property: the limit of pools');

/** A large session and what is around it, a few more or fewer than may be walked. */
function generate(random: Random): { readonly large: Entry[]; readonly others: Entry[] } {
  const others = Array.from({ length: 40 }, (_, index) => {
    const timeMs = NOON + (random.below(600) - 300) * MINUTE_MS + (random.chance(0.2) ? DAY_MS : 0);
    if (random.chance(0.4)) return lost(`m${index}`, timeMs - (timeMs % MINUTE_MS));
    const entry = request(`e${index}`, timeMs, random.pick(['s', 's', 't']));
    return random.chance(0.2) ? { ...entry, cost: 0n, amounts: {} } : entry;
  });
  return { large: requests(ENTRIES_MAX - random.below(50)), others };
}

test.each(Array.from({ length: 4 }, (_, round) => round))('round %i: no order changes the outcome at the limit', (round) => {
  const { large, others } = generate(random);
  const straight = withLedger((ledger) => {
    ledger.append([...large, ...others], RECEIVED);
    return ledger.rows();
  }, 1e6);
  withLedger((ledger) => {
    const left = random.shuffle(others);
    const before = left.splice(0, random.below(left.length));
    for (const batch of [before, large.slice(0, 5_000), large.slice(5_000)]) if (batch.length > 0) ledger.append(batch, RECEIVED);
    while (left.length > 0) {
      ledger.append(left.splice(0, 1 + random.below(6)), RECEIVED);
      if (random.chance(0.2)) ledger.forget();
      if (random.chance(0.3)) expect(ledger.rows()).toEqual(ledger.rebooked());
    }
    expect(ledger.rows()).toEqual(straight);
    if (round === 0) expect(ledger.check()).toEqual([]);
  }, 1e6);
});
