import { describe, expect, test } from '@jest/globals';
import { inSequenceOrder, type NumberedEvent, readSequences, SequenceTracker } from '../../collector/ledger/sequence-gaps.ts';
import { seededRandom } from '../support/random.ts';

/** A process's numbers, one every 10 ms from `startMs`. */
const process = (startMs: number, numbers: readonly number[]): NumberedEvent[] =>
  numbers.map((sequence) => ({ timeMs: startMs + 10 * sequence, sequence }));
const counted = ({ events, missing }: SequenceTracker) => [events, missing];
const upTo = (end: number, from = 0) => Array.from({ length: end - from }, (_, index) => from + index);

describe('event numbers', () => {
  test.each<[string, NumberedEvent[], number]>([
    ['that follow each other', process(0, [0, 1, 2, 3]), 0],
    ['with a hole', process(0, [0, 1, 5]), 3],
    ['that begin anywhere, as after /clear', process(0, [57, 58]), 0],
    ['of a resumed session, which begin again', [...process(0, [0, 1, 2, 3]), ...process(1_000, [0, 1, 2])], 0],
    ['of a session that another process takes over midway', [...process(0, upTo(10)), ...process(1_000, upTo(10)), ...process(2_000, [4, 5, 6])], 0],
    ['of a resumed session with a hole in each process', [...process(0, [0, 1, 2, 9]), ...process(1_000, [0, 4])], 9],
    ['of two processes at once', [...process(0, upTo(30)), ...process(103, upTo(20))], 0],
    ['of two processes at once, one with a hole', [...process(0, upTo(30)), ...process(103, [0, 1, 2, 5, 6])], 2],
    ['that share a millisecond', [4, 2, 3].map((sequence) => ({ timeMs: 7, sequence })), 0],
  ])('%s', (_what, events, missing) => expect(counted(readSequences(events))).toEqual([events.length, missing]));

  test('come to the same in any order, read at once or one by one', () => {
    const random = seededRandom('event numbers');
    for (let round = 0; round < 200; round++) {
      const events = Array.from({ length: 1 + random.below(4) }, (_, index) => process(index * 1_000, upTo(1 + random.below(60)))).flat();
      const received = events.filter(() => random.chance(0.9));
      const tracker = new SequenceTracker();
      for (const event of received.toSorted(inSequenceOrder)) {
        expect(tracker.isNext(event)).toBe(true);
        tracker.add(event);
      }
      expect(counted(readSequences(random.shuffle(received)))).toEqual(counted(tracker));
      expect(tracker.missing).toBeLessThanOrEqual(events.length - received.length);
    }
  });

  test('tell what is lost within a process exactly', () => {
    const random = seededRandom('event numbers lost');
    for (let round = 0; round < 200; round++) {
      const [first = [], second = []] = [40, 60].map((length) =>
        upTo(length).filter((number) => number === 0 || number === length - 1 || random.chance(0.8)),
      );
      const events = [
        ...process(0, first),
        ...process(
          1_000,
          second.filter((number) => number !== 40),
        ),
      ];
      const lost = 40 - first.length + (60 - second.filter((number) => number !== 40).length);
      expect(counted(readSequences(random.shuffle(events)))).toEqual([events.length, lost]);
    }
  });
});
