/**
 * The rule of booking, judged by thousands of histories whose true cost is known. It never books more than was really spent, whatever goes
 * wrong; of the rules compared it books the least too little; and it does not depend on the order in which records come.
 */
import { describe, expect, test } from '@jest/globals';
import { type BookingItem, inTimeOrder, SessionBook } from '../../../collector/ledger/booking.ts';
import { NOON } from '../../support/entries.ts';
import { type Random, seededRandom } from '../../support/random.ts';
import type { History } from './history.ts';
import { type HistoryRule, plainlyJoined, RULES } from './rules.ts';
import { SCENARIOS } from './scenarios.ts';

const HISTORIES = 300;
const random = seededRandom('booking simulation');

const booked = RULES['events and excess, per window'] ?? (() => -1n);
const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((total, amount) => total + amount, 0n);
const histories = (name: string): History[] => Array.from({ length: HISTORIES }, () => SCENARIOS[name]?.(random, NOON) ?? { truth: 0n, items: [] });

const overBooked = (made: readonly History[], rule: HistoryRule): bigint => sum(made.map((history) => max(rule(history) - history.truth, 0n)));
const underBooked = (made: readonly History[], rule: HistoryRule): bigint => sum(made.map((history) => max(history.truth - rule(history), 0n)));
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** As a ledger books: what comes in order on top of what is there, and from the beginning when something comes late. */
function bookAsTheyCome(items: readonly BookingItem<number>[]): bigint {
  const known: BookingItem<number>[] = [];
  let book = new SessionBook<number>();
  let total = 0n;
  for (const item of items) {
    known.push(item);
    if (book.isNext(item)) total += sum(book.bookNext(item).map(({ cost }) => cost));
    else {
      book = new SessionBook<number>();
      total = sum(book.bookAll(known).map(({ cost }) => cost));
    }
  }
  return total;
}

describe.each(Object.keys(SCENARIOS))('%s', (name) => {
  const made = histories(name);

  test('never more is booked than was spent', () => {
    expect(overBooked(made, booked)).toBe(0n);
  });

  test('no rule that never books too much books more of it', () => {
    const others = Object.values(RULES).filter((rule) => overBooked(made, rule) === 0n);
    const least = others.map((rule) => underBooked(made, rule)).reduce((a, b) => (a < b ? a : b));
    // Against the larger per model, which needs both sources to spell models alike, it may lose a hundredth of what is spent where a kill hides an interruption.
    expect(underBooked(made, booked) - least).toBeLessThanOrEqual(sum(made.map(({ truth }) => truth)) / 100n);
  });

  test('it is the rule as it can be said plainly', () => {
    for (const history of made) expect(booked(history)).toBe(plainlyJoined(history));
  });

  test('the order in which records come changes nothing', () => {
    for (const { items } of made.slice(0, 60)) {
      const whole = booked({ items });
      expect(bookAsTheyCome(items.toSorted(inTimeOrder))).toBe(whole);
      expect(bookAsTheyCome(random.shuffle(items))).toBe(whole);
      expect(bookAsTheyCome(items.toReversed())).toBe(whole);
    }
  });
});

describe('windows', () => {
  const item = (source: 'events' | 'metrics', minute: number, cost: bigint, more: Partial<BookingItem<number>> = {}): BookingItem<number> => ({
    identity: `${source} ${minute} ${cost}`,
    timeMs: NOON + minute * 60_000,
    startMs: NOON + (source === 'events' ? minute : minute - 1) * 60_000,
    source,
    dims: 0,
    cost,
    listCost: 0n,
    amounts: {},
    ...more,
  });
  const total = (...items: BookingItem<number>[]): bigint => booked({ items });

  test('an event minutes after the last reading is money of its own', () => {
    expect(total(item('events', 0, 8n), item('metrics', 1, 10n), item('events', 10, 8n))).toBe(18n);
  });

  test('an event seconds after the reading that holds it is not', () => {
    expect(total(item('metrics', 1, 10n), item('events', 1.2, 10n))).toBe(10n);
  });

  test('a point whose start is not known covers all that was before it', () => {
    expect(total(item('events', 0, 8n), item('metrics', 30, 10n, { startMs: undefined }))).toBe(10n);
  });

  test('a record without a believable time may belong anywhere, so the session is one window', () => {
    expect(total(item('events', 0, 8n), item('metrics', 500, 8n, { isTimeUncertain: true }))).toBe(8n);
  });

  test('what the client does not price is estimated where nobody else reports money, and nowhere else', () => {
    const unpriced = item('events', 0, 0n, { listCost: 7n, isCostMissing: true });
    expect(total(unpriced)).toBe(7n);
    expect(total(unpriced, item('metrics', 1, 5n))).toBe(5n);
    expect(total(unpriced, item('events', 0.5, 3n))).toBe(10n);
    expect(new SessionBook<number>().bookAll([unpriced])[0]?.costEstimated).toBe(7n);
  });

  test('a record without money changes no amount', () => {
    expect(total(item('events', 0, 5n), item('metrics', 1, 5n), item('events', 0.5, 0n))).toBe(5n);
  });

  test('events are booked under their own dimensions, also when they are stamped after the reading that holds their cost', () => {
    const postings = new SessionBook<number>().bookAll([item('metrics', 1, 10n), item('events', 1.05, 10n)]);
    expect(postings.map(({ cost }) => cost)).toEqual([0n, 10n]);
    const book = new SessionBook<number>();
    expect(book.bookNext(item('metrics', 1, 10n)).map(({ cost }) => cost)).toEqual([10n]);
    const [own, back] = book.bookNext(item('events', 1.05, 7n));
    expect([own?.cost, back?.cost, back?.timeMs]).toEqual([7n, -7n, NOON + 60_000]);
  });

  test('what only a reading has stays where it was read, whatever comes later', () => {
    const interrupted = [item('events', 0, 8n), item('metrics', 1, 10n), item('events', 5, 50n), item('metrics', 6, 50n)];
    expect(new SessionBook<number>().bookAll(interrupted).map(({ cost }) => cost)).toEqual([8n, 2n, 50n, 0n]);
  });
});

/** Any three sources report one session in their own words: as many orders as there are give one total. */
test('estimates are taken back in any order', () => {
  const items = shuffled(random, 50);
  for (const order of items) expect(bookAsTheyCome(order)).toBe(booked({ items: order }));
});

function shuffled(from: Random, rounds: number): BookingItem<number>[][] {
  const make = (index: number): BookingItem<number> => {
    const source = from.pick(['events', 'metrics'] as const);
    const timeMs = NOON + from.below(20) * 60_000;
    const isPriced = source === 'metrics' || from.chance(0.5);
    return {
      ...{ identity: `item ${index}`, timeMs, startMs: source === 'events' ? timeMs : timeMs - from.below(3) * 60_000, source, dims: 0 },
      ...{
        isTimeUncertain: from.chance(0.02),
        cost: isPriced ? BigInt(from.below(9)) : 0n,
        listCost: BigInt(from.below(9)),
        isCostMissing: !isPriced,
        amounts: {},
      },
    };
  };
  return Array.from({ length: rounds }, () => from.shuffle(Array.from({ length: 12 }, (_, index) => make(index))));
}
