/**
 * Pools and sessions of several days and people, with everything that makes booking hard. After each delivery the ledger holds what a booking
 * of everything from the entries comes to, and where no delivery can change what an entry is, none changes the outcome.
 */
import { describe, expect, test } from '@jest/globals';
import { DAY_MS } from '../../collector/core/duration.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { EngineInMemory } from '../support/engine-in-memory.ts';
import { NOON } from '../support/entries.ts';
import { seededRandom } from '../support/random.ts';
import { deliveries, generatePools, KEYS, timeFrom } from './simulation/pool-records.ts';

const ROUNDS = Number(process.env.LEDGERLINE_TEST_ROUNDS ?? 25);
const RECEIVED = NOON + 3 * DAY_MS;
function withLedger<Result>(ledger: EngineInMemory, use: (ledger: EngineInMemory) => Result): Result {
  try {
    return use(ledger);
  } finally {
    ledger.close();
  }
}

describe('pools and sessions of several days', () => {
  const random = seededRandom('property: deliveries of pools');

  test('the ledger holds what its entries come to, after each delivery', () => {
    for (let round = 0; round < ROUNDS; round++) {
      const entries = generatePools(random);
      const limits = random.chance(0.3) ? { checkpointEvery: 1 + random.below(4), rebookedEntries: 2 + random.below(8) } : { checkpointEvery: 2 };
      const otherwise = (entry: Entry): Entry => ({ ...entry, keys: random.pick(KEYS) });
      withLedger(new EngineInMemory(limits), (ledger) => {
        for (const batch of deliveries(random, entries, otherwise)) {
          ledger.append(batch, RECEIVED);
          expect(ledger.rows()).toEqual(ledger.rebooked());
          if (random.chance(0.1)) ledger.forget();
        }
        expect(ledger.check()).toEqual([]);
      });
    }
  });

  test('no order and no grouping of deliveries changes the outcome', () => {
    for (let round = 0; round < ROUNDS; round++) {
      const entries = generatePools(random).filter(({ isSetAside }) => isSetAside !== true);
      const rowsOf = (batches: Iterable<readonly Entry[]>) =>
        withLedger(new EngineInMemory({ checkpointEvery: 2 }), (ledger) => {
          for (const batch of batches) ledger.append(batch, RECEIVED);
          return ledger.rows();
        });
      const straight = rowsOf([entries]);
      expect(rowsOf(deliveries(random, entries, (entry) => entry))).toEqual(straight);
    }
  });

  test('what retention leaves is what its entries come to', () => {
    for (let round = 0; round < ROUNDS; round++) {
      const entries = generatePools(random);
      withLedger(new EngineInMemory({ checkpointEvery: 2 }), (ledger) => {
        for (const batch of deliveries(random, entries, (entry) => entry)) {
          ledger.append(batch, RECEIVED);
          if (random.chance(0.15)) ledger.prune(timeFrom(random, 2));
          expect(ledger.check()).toEqual([]);
        }
      });
    }
  });
});
