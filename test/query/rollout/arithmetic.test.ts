/** The arithmetic of a roll-out against tables, closed forms and sums by hand. */
import { describe, expect, test } from '@jest/globals';
import { atOnce } from '../../../collector/core/turn.ts';
import { drawFutures, FUTURES, type PilotMatrix } from '../../../collector/query/rollout/bootstrap.ts';
import { roundedUp } from '../../../collector/query/rollout/forecast.ts';
import { parseMix } from '../../../collector/query/rollout/mix.ts';
import { expandedNinetieth, nearestRank, normalShare, studentNinetieth } from '../../../collector/query/rollout/quantile.ts';
import { linearRamp, parseRamp, usersIn } from '../../../collector/query/rollout/ramp.ts';
import { type Schedule, scheduleOf } from '../../../collector/query/rollout/schedule.ts';
import { usd } from '../../support/entries.ts';
import { seededRandom } from '../../support/random.ts';

const day = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(text);

describe('percentiles', () => {
  test('should be the smallest value that enough of all do not exceed', () => {
    const random = seededRandom('ranks');
    for (let round = 0; round < 200; round++) {
      const values = Array.from({ length: 1 + random.below(40) }, () => random.below(30)).sort((a, b) => a - b);
      const percent = 1 + random.below(100);
      const oracle = values.find((value) => 100 * values.filter((other) => other <= value).length >= percent * values.length);
      expect([values, percent, nearestRank(values, percent / 100)]).toEqual([values, percent, oracle]);
    }
    expect(nearestRank([], 0.5)).toBeUndefined();
  });

  // Published tables of Student's t (one-sided 0.1) and of the normal distribution.
  test.each([
    [4, 1.533],
    [9, 1.383],
    [19, 1.328],
    [99, 1.29],
  ])('t at 0.9 with %d degrees of freedom is %d', (degrees, t) => expect(studentNinetieth(degrees)).toBeCloseTo(t, 3));

  test.each([
    [0, 0.5],
    [1, 0.84134475],
    [1.28155157, 0.9],
    [2.32634787, 0.99],
  ])('a normal distribution has below %d the share %d', (z, share) => expect(normalShare(z)).toBeCloseTo(share, 6));

  test('the 90th percentile should be read higher for fewer users, and at 0.9 in the limit', () => {
    const levels = [5, 6, 10, 20, 50, 100, 1_000, 1_000_000].map(expandedNinetieth);
    expect(levels).toEqual(levels.toSorted((a, b) => b - a));
    // By hand for five: 1.533 * sqrt(5/4) = 1.714, below which a normal distribution has 0.957.
    expect(levels[0]).toBeCloseTo(0.957, 3);
    expect(levels.at(-1)).toBeCloseTo(0.9, 5);
  });
});

describe('a ramp-up', () => {
  test('should add up: ten users in five weeks are 2, 4, 6, 8, 10', () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((week) => usersIn(linearRamp(5), week, 10))).toEqual([2, 4, 6, 8, 10, 10, 10]);
  });

  test.each([
    ['', []],
    ['0', []],
    ['2', [0.5, 1]],
    ['10, 25,25,100', [0.1, 0.25, 0.25, 1]],
  ])('"%s" should be read', (text, ramp) => expect(parseRamp(text)).toEqual(ramp));

  test.each(['53', 'x', '-1', '50,40,100', '10,90', '10,,100', '10,101', '1.5'])('"%s" should be refused', (text) =>
    expect(parseRamp(text)).toBeUndefined(),
  );
});

test.each(['opus=20', 'opus=50,opus=50', 'opus=20,sonnet', '=100', 'opus=-20,sonnet=120', 'opus=40,sonnet=61'])(
  'a mix "%s" should be refused',
  (text) => expect(parseMix(text)).toBeUndefined(),
);

describe('a schedule', () => {
  test('should be of twelve calendar months, the first of them from the start on', () => {
    const { months, weeks } = scheduleOf(day('2026-12-14'), 400, linearRamp(4));
    expect(months).toHaveLength(12);
    expect(months.slice(0, 3).map(({ first, last, days, workingDays, users }) => [`${first}`, `${last}`, days, workingDays, users])).toEqual([
      ['2026-12-14', '2026-12-31', 18, 14, 300],
      ['2027-01-01', '2027-01-31', 31, 21, 400],
      ['2027-02-01', '2027-02-28', 28, 20, 400],
    ]);
    expect(`${months.at(-1)?.last}`).toBe('2027-11-30');
    expect(weeks.flatMap(({ days }) => days)).toHaveLength(18 + 334);
    expect(weeks[0]?.days.map(({ weekday }) => weekday)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(weeks[2]?.days.map(({ month }) => month)).toEqual([0, 0, 0, 0, 1, 1, 1]);
  });
});

test.each([
  ['48312.07', '49000'],
  ['49000', '49000'],
  ['1.2', '2'],
  ['99.01', '100'],
  ['100.01', '110'],
  ['0', '0'],
])('%s should be rounded up to %s', (amount, rounded) => expect(roundedUp(usd(amount))).toBe(usd(rounded)));

/** `amountOf` is what a user costs on a day. */
function matrix(users: number, weeks: number, amountOf: (user: number, day: number) => number): PilotMatrix {
  const amounts = Float64Array.from({ length: users * weeks * 7 }, (_, index) => amountOf(Math.floor(index / (weeks * 7)), index % (weeks * 7)));
  return { users, weeks, firstWeekday: 1, amounts };
}

/** One month of so many weeks with one working day each. */
const oneDayWeeks = (users: number, weeks: number): Schedule => ({
  months: scheduleOf(day('2027-01-01'), users, []).months.slice(0, 1),
  weeks: Array.from({ length: weeks }, () => ({ users, days: [{ month: 0, weekday: 1 }] })),
});

function moments(values: Float64Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, sd: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}

describe('futures', () => {
  test('of users who are all the same should be a point', () => {
    const { months } = atOnce(
      drawFutures(
        matrix(20, 8, (_, index) => (index % 7 < 5 ? 10 : 0)),
        scheduleOf(day('2026-12-01'), 400, []),
      ),
    );
    // December 2026 has 23 Mondays to Fridays, January and February 2027 21 and 20.
    expect(months.slice(0, 3).map((amounts) => [amounts[0], amounts.at(-1)])).toEqual([
      [92_000, 92_000],
      [84_000, 84_000],
      [80_000, 80_000],
    ]);
  });

  test('of a ramp-up should cost what its user-days cost', () => {
    const { months } = atOnce(
      drawFutures(
        matrix(20, 8, (_, index) => (index % 7 < 5 ? 10 : 0)),
        scheduleOf(day('2026-12-01'), 400, linearRamp(4)),
      ),
    );
    // Weeks of five working days with 100, 200, 300 and 400 users, and three days with 400: 6,200 days.
    expect([months[0]?.[0], months[0]?.at(-1)]).toEqual([62_000, 62_000]);
    expect(months[1]?.[0]).toBe(84_000);
  });

  test('of two kinds of users should have the mean and variance of the closed form', () => {
    const [m, n] = [20, 400];
    const { months } = atOnce(
      drawFutures(
        matrix(m, 2, (user) => user % 2),
        oneDayWeeks(n, 1),
      ),
    );
    // K of 20 are of the costly kind, binomially; then so are X of 400 with the share K/20.
    const variance = (n * n * 0.25) / m + n * 0.25 * (1 - 1 / m);
    const { mean, sd } = moments(months[0] ?? new Float64Array());
    expect(Math.abs(mean - n / 2)).toBeLessThan((4 * Math.sqrt(variance)) / Math.sqrt(FUTURES));
    expect(Math.abs(sd / Math.sqrt(variance) - 1)).toBeLessThan(0.1);
    // Drawing 400 users straight from the 20, as if the pilot were everybody, would claim to know four times as well: 10, not 46.
    expect(Math.sqrt(variance) / Math.sqrt(n * 0.25)).toBeGreaterThan(4);
  });

  test('of two kinds of weeks should have the mean and variance of the closed form: a busy week is busy for everybody', () => {
    const [w, weeks, n] = [8, 40, 10];
    const { months } = atOnce(
      drawFutures(
        matrix(5, w, (_, index) => Math.floor(index / 7) % 2),
        oneDayWeeks(n, weeks),
      ),
    );
    const variance = n * n * ((weeks * weeks * 0.25) / w + weeks * 0.25 * (1 - 1 / w));
    const { mean, sd } = moments(months[0] ?? new Float64Array());
    expect(Math.abs(mean - (n * weeks) / 2)).toBeLessThan((4 * Math.sqrt(variance)) / Math.sqrt(FUTURES));
    expect(Math.abs(sd / Math.sqrt(variance) - 1)).toBeLessThan(0.1);
  });

  test('should have the weekdays of the pilot, on whichever it begins', () => {
    // Its first day is a Thursday, and only Sundays cost.
    const pilot = { ...matrix(5, 2, (_, index) => (index % 7 === 3 ? 1 : 0)), firstWeekday: 4 };
    const { months } = atOnce(drawFutures(pilot, scheduleOf(day('2026-11-01'), 1, [])));
    // Sundays of November 2026 to January 2027.
    expect(months.slice(0, 3).map((amounts) => amounts[0])).toEqual([5, 4, 5]);
  });

  const random = seededRandom('roll-outs');
  const cases = Array.from({ length: 4 }, () => {
    const [users, weeks] = [5 + random.below(20), 2 + random.below(7)];
    const amounts = Float64Array.from({ length: users * weeks * 7 }, () => (random.chance(0.4) ? random.below(30_000_000) : 0));
    return { pilot: { users, weeks, firstWeekday: 1 + random.below(7), amounts }, n: 1 + random.below(200), ramp: linearRamp(random.below(8)) };
  });

  test.each(cases)('of more users should not cost less, and of a slower ramp-up not more, in any of them', ({ pilot, n, ramp }) => {
    const start = day('2026-12-09');
    const draw = (users: number, own = ramp) => atOnce(drawFutures(pilot, scheduleOf(start, users, own))).months;
    const [fewer, more, slower] = [draw(n), draw(n + 1), draw(n, linearRamp(ramp.length + 5))];
    for (const [month, amounts] of fewer.entries()) {
      expect(amounts.every((amount, future) => amount <= (more[month]?.[future] ?? 0))).toBe(true);
      expect(amounts.every((amount, future) => amount >= (slower[month]?.[future] ?? Number.POSITIVE_INFINITY))).toBe(true);
    }
  });

  test.each(cases)('should be the same for the same question, and whole numbers', ({ pilot, n, ramp }) => {
    const draw = () => atOnce(drawFutures(pilot, scheduleOf(day('2026-12-09'), n, ramp)));
    expect(draw()).toEqual(draw());
    expect(draw().months.every((amounts) => amounts.every(Number.isSafeInteger))).toBe(true);
  });
});
