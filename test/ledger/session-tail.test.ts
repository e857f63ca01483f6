/** What is remembered of a session's newest entries is all that is later than some instant, whatever came in which order. */
import { describe, expect, test } from '@jest/globals';
import type { HistoryItem } from '../../collector/ledger/history.ts';
import { SessionTail } from '../../collector/ledger/session-tail.ts';
import { seededRandom } from '../support/random.ts';

const item = (timeMs: number, identity: string): HistoryItem => ({
  ...{ identity, timeMs, startMs: undefined, source: 'events', dims: 1, model: '', sequence: undefined },
  ...{ cost: 0n, listCost: 0n, amounts: {} },
});

describe('the newest entries of a session', () => {
  test('from an instant on that it covers, all are there, oldest first', () => {
    const random = seededRandom('session tail');
    const tail = new SessionTail();
    const all: HistoryItem[] = [];
    for (let round = 0; round < 200; round++) {
      // Several in one instant, and some that are late.
      const fresh = Array.from({ length: 1 + random.below(20) }, (_, index) => item(round * 5 - 40 + random.below(46), `${round} ${index}`));
      tail.add(fresh);
      all.push(...fresh);
      if (random.chance(0.1)) tail.shed();
      for (const afterMs of [Number.NEGATIVE_INFINITY, round * 5 - 30, round * 5 - 3]) {
        if (!tail.covers(afterMs)) continue;
        const wanted = all.filter(({ timeMs }) => timeMs > afterMs).map(({ identity }) => identity);
        expect(
          tail
            .after(afterMs)
            .map(({ identity }) => identity)
            .toSorted(),
        ).toEqual(wanted.toSorted());
      }
      expect(tail.after(Number.NEGATIVE_INFINITY).map(({ timeMs }) => timeMs)).toEqual(
        tail
          .after(Number.NEGATIVE_INFINITY)
          .map(({ timeMs }) => timeMs)
          .toSorted((a, b) => a - b),
      );
    }
    expect(tail.length).toBeLessThanOrEqual(64);
    expect(tail.covers(Number.NEGATIVE_INFINITY)).toBe(false);
  });

  test('once they are shed, only what comes later is there, and all of it', () => {
    const tail = new SessionTail();
    tail.shed();
    expect(tail.covers(Number.NEGATIVE_INFINITY)).toBe(true);
    tail.add([item(3, 'a'), item(7, 'b')]);
    tail.shed();
    tail.add([item(5, 'late'), item(7, 'beside'), item(8, 'later')]);
    expect([tail.covers(6), tail.covers(7)]).toEqual([false, true]);
    expect(tail.after(7).map(({ identity }) => identity)).toEqual(['later']);
  });

  test('of an instant that does not fit whole, none stays', () => {
    const tail = new SessionTail();
    tail.add(Array.from({ length: 100 }, (_, index) => item(7, String(index))));
    expect(tail.length).toBe(0);
    expect(tail.covers(6)).toBe(false);
    expect(tail.covers(7)).toBe(true);
  });
});
