/**
 * Adjustments are a plain sum beside what records book: in whatever order both come, each quarter of an hour holds what the records alone come
 * to, and what the adjustments say, added up.
 */
import { describe, expect, test } from '@jest/globals';
import { QUARTER_MS, quarterOf } from '../../collector/core/calendar.ts';
import { DAY_MS } from '../../collector/core/duration.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { poolId } from '../../collector/ledger/pools.ts';
import { importId, ownedBy, ownerOf } from '../../collector/ledger/session-owners.ts';
import { EngineInMemory } from '../support/engine-in-memory.ts';
import { NOON } from '../support/entries.ts';
import { seededRandom } from '../support/random.ts';
import { generateAdjustments } from './simulation/adjustment-records.ts';
import { deliveries, generatePools, timeFrom } from './simulation/pool-records.ts';

const ROUNDS = Number(process.env.LEDGERLINE_TEST_ROUNDS ?? 40);
const RECEIVED = NOON + 3 * DAY_MS;

type Sums = Map<string, Map<string, number>>;

const addTo = (sums: Sums, key: string, name: string, amount: number): void => {
  const row = sums.getOrInsertComputed(key, () => new Map<string, number>());
  row.set(name, (row.get(name) ?? 0) + amount);
};

/** Of EngineInMemory.rows. */
function sumsOf(rows: readonly string[]): Sums {
  const sums: Sums = new Map();
  for (const row of rows) {
    const [time = '', model = '', user = '', ...cells] = row.split(' ');
    for (const cell of cells) {
      const [name = '', amount] = cell.split('=');
      addTo(sums, `${time} ${model} ${user}`, name, Number(amount));
    }
  }
  return sums;
}

function addPlainly(sums: Sums, { timeMs, dimensions, cost, listCost, amounts }: Entry): void {
  const key = `${new Date(quarterOf(timeMs) * QUARTER_MS).toISOString()} ${dimensions.model} ${dimensions.user}`;
  addTo(sums, key, 'cost', Number(cost));
  addTo(sums, key, 'cost_list', Number(listCost));
  for (const [name, amount] of Object.entries(amounts)) addTo(sums, key, name, amount);
}

const textOf = (sums: Sums): string[] =>
  [...sums]
    .map(([key, row]) => {
      const cells = [...row].filter(([, amount]) => amount !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
      return cells.length === 0 ? '' : `${key} ${cells.map(([name, amount]) => `${name}=${amount}`).join(' ')}`;
    })
    .filter((text) => text !== '')
    .sort();

function rowsAfter(batches: Iterable<readonly Entry[]>, look: (ledger: EngineInMemory) => void = () => undefined): string[] {
  const ledger = new EngineInMemory({ checkpointEvery: 2 });
  try {
    for (const batch of batches) {
      ledger.append(batch, RECEIVED);
      look(ledger);
    }
    return ledger.rows();
  } finally {
    ledger.close();
  }
}

describe('adjustments', () => {
  const random = seededRandom('property: adjustments');

  test('are a plain sum beside what the records book, in any order and company', () => {
    for (let round = 0; round < ROUNDS; round++) {
      const records = generatePools(random).filter(({ isSetAside }) => isSetAside !== true);
      const adjustments = generateAdjustments(random, records);
      const expected = sumsOf(rowsAfter([records]));
      for (const one of adjustments) addPlainly(expected, one);
      const all = [...records, ...adjustments];
      const rows = rowsAfter(
        deliveries(random, all, (entry) => entry),
        (ledger) => {
          expect(ledger.rows()).toEqual(ledger.rebooked());
          if (random.chance(0.1)) ledger.forget();
        },
      );
      expect(textOf(sumsOf(rows))).toEqual(textOf(expected));
    }
  });

  test('leave the ledger equal to its entries, whatever retention removes between them', () => {
    for (let round = 0; round < ROUNDS; round++) {
      const records = generatePools(random);
      const all = [...records, ...generateAdjustments(random, records)];
      rowsAfter(
        deliveries(random, all, (entry) => entry),
        (ledger) => {
          if (random.chance(0.15)) ledger.prune(timeFrom(random, 2));
          expect(ledger.check()).toEqual([]);
        },
      );
    }
  });
});

describe('sessions that a collector names itself', () => {
  test.each([importId('gateway', 'a:b', '2026-11-20'), importId('e', 'e', '2026-11-20'), poolId('o', '2026-11-20')])('%s has an owner', (id) => {
    const renamed = ownedBy(id, 'erased-1');
    expect(ownerOf(renamed)).toBe('erased-1');
    expect(ownedBy(renamed, ownerOf(id) ?? '')).toBe(id);
  });

  test('others have none', () => {
    expect([ownerOf('session-1'), ownedBy('session-1', 'a')]).toEqual([undefined, 'session-1']);
  });
});
