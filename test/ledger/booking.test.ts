import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { MEASURES } from '../../collector/catalog/measures.ts';
import { SOURCE_COSTS, SOURCE_NAMES, SOURCES } from '../../collector/catalog/sources.ts';
import { type BookingItem, SessionBook } from '../../collector/ledger/booking.ts';
import { flagsOf, isCostMissing, isTimeUncertain, sourceOf } from '../../collector/storage/batch-codec.ts';
import { event } from '../support/entries.ts';

const item = (id: string, overrides: Partial<BookingItem<string>>): BookingItem<string> => ({
  ...event({ id }),
  identity: id,
  startMs: undefined,
  dims: '',
  ...overrides,
});

describe('sources of the same money', () => {
  test('each has a measure of its own, and numbers that no other has', () => {
    const definitions = Object.values(SOURCES);
    expect(SOURCE_COSTS.map((name) => MEASURES[name])).toMatchObject(
      definitions.map(({ measureId, description }) => ({ id: measureId, description })),
    );
    expect(new Set(definitions.map(({ id }) => id)).size).toBe(definitions.length);
    expect(new Set(Object.values(MEASURES).map(({ id }) => id)).size).toBe(Object.keys(MEASURES).length);
  });

  test('are booked once: requests as they are, readings by what they report beyond them', () => {
    const book = new SessionBook<string>();
    const postings = book.bookAll([
      item('1', { source: 'events', cost: 5n, timeMs: 0 }),
      item('2', { source: 'metrics', cost: 7n, timeMs: 10_000 }),
      item('3', { source: 'events', cost: 4n, timeMs: 200_000 }),
      item('4', { source: 'metrics', cost: 4n, timeMs: 210_000 }),
    ]);
    expect(postings.map(({ cost, source, sourceCost }) => [cost, source, sourceCost])).toEqual([
      [5n, 'events', 5n],
      [2n, 'metrics', 7n],
      [4n, 'events', 4n],
      [0n, 'metrics', 4n],
    ]);
  });

  test('keep no more of a window the longer it lasts', () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const book = new SessionBook<string>();
    const usedAfter = (first: number, last: number): number => {
      for (let at = first; at < last; at++) {
        book.bookTogether([item(String(at), { source: 'metrics', cost: 1n, timeMs: at * 1_000, startMs: (at - 1) * 1_000 })]);
      }
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const usedBytes = usedAfter(0, 2_000);
    expect(usedAfter(2_000, 60_000) - usedBytes).toBeLessThan(2_000_000);
  });

  test('are kept in flags that earlier files already have', () => {
    expect([flagsOf({ source: 'events' }), flagsOf({ source: 'metrics' })]).toEqual([0, 1]);
    // 2 is how earlier files marked a model whose name they knew.
    expect([sourceOf(2), sourceOf(3)]).toEqual(['events', 'metrics']);
    for (const source of SOURCE_NAMES) {
      const flags = flagsOf({ source, isCostMissing: true, isTimeUncertain: true });
      expect([sourceOf(flags), isCostMissing(flags), isTimeUncertain(flags)]).toEqual([source, true, true]);
      expect([isCostMissing(flagsOf({ source })), isTimeUncertain(flagsOf({ source }))]).toEqual([false, false]);
    }
    expect(() => sourceOf(1 << 20)).toThrow('of a source that this program does not know');
  });
});
