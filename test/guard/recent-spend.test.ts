/** What a session booked lately, from what it had booked each time somebody asked. */
import { expect, test } from '@jest/globals';
import { RecentSpend } from '../../collector/guard/recent-spend.ts';
import { NOON, usd } from '../support/entries.ts';

const MINUTE = 60_000;
const LONG_AGO = NOON - 1_000 * MINUTE;

/** Asked at these minutes, with what was booked by then. */
function course(asked: readonly (readonly [minute: number, cost: string])[], firstSeenMs = LONG_AGO): (bigint | undefined)[] {
  const recent = new RecentSpend();
  return asked.map(([minute, cost]) => recent.spent({ sessionId: 's', cost: usd(cost), firstSeenMs }, 10, NOON + minute * MINUTE));
}

test('of a session that began within these minutes is all that it cost', () =>
  expect(
    course(
      [
        [4, '3'],
        [9, '8'],
      ],
      NOON,
    ),
  ).toEqual([usd('3'), usd('8')]));

test('of an older one that nobody asked about is not known, and then what was booked since', () =>
  expect(
    course([
      [0, '50'],
      [1, '52'],
      [5, '53'],
    ]),
  ).toEqual([undefined, usd('2'), usd('3')]));

test('is what was booked since the newest time that lies as far back', () => {
  const minutes = Array.from({ length: 31 }, (_, minute) => [minute, String(minute)] as const);
  expect(course(minutes).slice(20)).toEqual(Array.from({ length: 11 }, () => usd('10')));
});

test('is not counted from a time that has not come, which a clock said that was ahead for a moment', () =>
  expect(
    course([
      [0, '10'],
      [1_000, '10'],
      [1, '12'],
      [2, '13'],
      [20, '30'],
      [30, '31'],
    ]).slice(2),
  ).toEqual([usd('2'), usd('3'), (usd('17') * 10n) / 18n, usd('1')]));

test('is nothing after a rest', () =>
  expect(
    course(
      [
        [0, '0'],
        [5, '30'],
        [15, '30'],
        [16, '31'],
      ],
      NOON,
    ).slice(2),
  ).toEqual([0n, (usd('1') * 10n) / 11n]));

test('is at the pace of the time since, where nobody asked for longer', () =>
  expect(
    course([
      [0, '10'],
      [40, '30'],
    ]),
  ).toEqual([undefined, usd('5')]));

test('is nothing where the ledger was corrected downwards', () =>
  expect(
    course([
      [0, '10'],
      [1, '8'],
    ]),
  ).toEqual([undefined, 0n]));

test('knows each session by itself, and not more than ten thousand of them', () => {
  const recent = new RecentSpend();
  const at = (id: number, cost: string, minute: number) =>
    recent.spent({ sessionId: String(id), cost: usd(cost), firstSeenMs: LONG_AGO }, 10, NOON + minute * MINUTE);
  for (let id = 0; id <= 10_000; id++) at(id, '1', 0);
  expect([at(10_000, '3', 1), at(0, '3', 1)]).toEqual([usd('2'), undefined]);
});

test('asked by the second keeps no sample for each', () => {
  const recent = new RecentSpend();
  let last: bigint | undefined;
  for (let second = 0; second <= 3_600; second++)
    last = recent.spent({ sessionId: 's', cost: BigInt(second), firstSeenMs: LONG_AGO }, 10, NOON + second * 1_000);
  // Of ten minutes, to a tenth of them: the time since is never shorter.
  expect(last).toBeGreaterThanOrEqual(545n);
  expect(last).toBeLessThanOrEqual(600n);
});
