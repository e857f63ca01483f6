/**
 * Once a month is closed its figures stay, whatever comes: what would have changed them stands in the month that is open then, and everything
 * together comes to what it does in a ledger that closes nothing.
 */
import { describe, expect, test } from '@jest/globals';
import { Calendar, QUARTER_MS } from '../../collector/core/calendar.ts';
import { DAY_MS } from '../../collector/core/duration.ts';
import { type ClosedMonth, closable, moveFromClosed } from '../../collector/ledger/closed-months.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { type Buckets, vectorAt } from '../../collector/ledger/quarter-sums.ts';
import { EngineInMemory } from '../support/engine-in-memory.ts';
import { NOON, usd } from '../support/entries.ts';
import { seededRandom } from '../support/random.ts';
import { deliveries, generatePools, timeFrom } from './simulation/pool-records.ts';

const ROUNDS = Number(process.env.LEDGERLINE_TEST_ROUNDS ?? 40);
const IN_NOVEMBER = NOON + 9 * DAY_MS;
const IN_DECEMBER = NOON + 15 * DAY_MS;
const IN_JANUARY = NOON + 50 * DAY_MS;
const calendar = new Calendar({ timeZone: 'America/New_York', weekStart: 'monday' });

const isOfNovember = (row: string): boolean => row < '2026-12';

/** Of EngineInMemory.rows, by measure. */
function totalsOf(rows: readonly string[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const cell of rows.flatMap((row) => row.split(' ').slice(3))) {
    const [name = '', amount] = cell.split('=');
    totals[name] = (totals[name] ?? 0) + Number(amount);
  }
  return Object.fromEntries(Object.entries(totals).filter(([, total]) => total !== 0));
}

describe('closed months', () => {
  const random = seededRandom('property: closed months');

  test('stay as they are, whatever comes and is removed', () => {
    let moved = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const entries = generatePools(random).filter(({ isSetAside }) => isSetAside !== true);
      const batches: Entry[][] = [...deliveries(random, entries, (entry) => entry)];
      const [closing, next] = [random.below(batches.length + 1), random.below(batches.length + 1)].sort((a, b) => a - b) as [number, number];
      const ledger = new EngineInMemory({ checkpointEvery: 2 });
      for (const batch of batches.slice(0, closing)) ledger.append(batch, IN_NOVEMBER);
      const frozen = ledger.rows();
      ledger.closeMonth('2026-11', IN_DECEMBER);
      for (const [index, batch] of batches.slice(closing).entries()) {
        if (index + closing === next) ledger.closeMonth('2026-12', IN_JANUARY);
        ledger.append(batch, index + closing < next ? IN_DECEMBER : IN_JANUARY);
        expect(ledger.rows().filter(isOfNovember)).toEqual(frozen);
        if (random.chance(0.1)) ledger.forget();
        if (random.chance(0.05)) ledger.prune(timeFrom(random, 0));
        expect(ledger.check()).toEqual([]);
      }
      const rows = ledger.rows();
      if (rows.some((row) => !isOfNovember(row))) moved++;
      ledger.close();
    }
    expect(moved).toBeGreaterThan(0);
  });

  test('together with what was moved they come to what a ledger comes to that closes nothing', () => {
    for (let round = 0; round < ROUNDS; round++) {
      const entries = generatePools(random).filter(({ isSetAside }) => isSetAside !== true);
      const batches: Entry[][] = [...deliveries(random, entries, (entry) => entry)];
      const closing = random.below(batches.length + 1);
      const totalsAfter = (close: boolean): Record<string, number> => {
        const ledger = new EngineInMemory({ checkpointEvery: 2 });
        for (const [index, batch] of batches.entries()) {
          if (close && index === closing) ledger.closeMonth('2026-11', IN_DECEMBER);
          ledger.append(batch, IN_DECEMBER);
        }
        const totals = totalsOf(ledger.rows());
        ledger.close();
        return totals;
      };
      expect(totalsAfter(true)).toEqual(totalsAfter(false));
    }
  });
});

describe('closing', () => {
  const november = closable('2026-11', [], calendar, IN_DECEMBER);

  test('is by the calendar of the ledger', () => {
    expect(november).toEqual({
      month: '2026-11',
      fromMs: Date.parse('2026-11-01T00:00-04:00'),
      toMs: Date.parse('2026-12-01T00:00-05:00'),
      closedMs: IN_DECEMBER,
    });
  });

  test.each<[string, readonly ClosedMonth[], number, string]>([
    ['2026-11', [], Date.parse('2026-12-01T04:59Z'), '2026-11 has not ended in America/New_York.'],
    ['2026-13', [], IN_JANUARY, '"2026-13" is not a month.'],
    ['2027-01', [november], NOON + 90 * DAY_MS, '2027-01 cannot be closed: the next one is 2026-12.'],
    ['2026-10', [november], IN_JANUARY, '2026-10 cannot be closed: the next one is 2026-12.'],
  ])('%s is refused where it cannot be', (month, closed, nowMs, message) => {
    expect(() => closable(month, closed, calendar, nowMs)).toThrow(message);
  });

  test('in another time zone begins where the month before ends', () => {
    const elsewhere = new Calendar({ timeZone: 'Asia/Tokyo', weekStart: 'monday' });
    expect(closable('2026-12', [november], elsewhere, IN_JANUARY).fromMs).toBe(november.toMs);
  });

  test('moves what is before, by its own month, and nothing that comes to nothing', () => {
    const buckets: Buckets = new Map();
    const quarterAt = (time: string): number => Date.parse(time) / QUARTER_MS;
    const add = (time: string, dims: number, cost: bigint) =>
      vectorAt(buckets, quarterAt(time), dims).add({
        source: 'events',
        cost,
        sourceCost: 0n,
        costList: 0n,
        costEstimated: 0n,
        costUnreconciled: 0n,
        amounts: {},
      });
    add('2026-10-31T12:00Z', 1, usd('1'));
    add('2026-11-02T12:00Z', 1, usd('-3'));
    add('2026-11-02T12:00Z', 2, 0n);
    add('2026-12-02T12:00Z', 1, usd('5'));
    const moved = moveFromClosed(buckets, [november], calendar, IN_DECEMBER);
    expect(moved.map(({ month, dims, toQuarter, vector }) => [month, dims, toQuarter, vector.total('cost')])).toEqual([
      ['2026-10', 1, IN_DECEMBER / QUARTER_MS, usd('1')],
      ['2026-11', 1, IN_DECEMBER / QUARTER_MS, usd('-3')],
    ]);
    const left = [...buckets].map(([quarter, byDims]) => [quarter, ...[...byDims].map(([dims, vector]) => [dims, vector.total('cost')])]);
    expect(left).toEqual([
      [quarterAt('2026-12-02T12:00Z'), [1, usd('5')]],
      [IN_DECEMBER / QUARTER_MS, [1, usd('-2')]],
    ]);
  });
});
