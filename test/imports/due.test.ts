/** When an import on a schedule is run. */
import { expect, test } from '@jest/globals';
import { dayAt } from '../../collector/imports/days.ts';
import { isDue, type Schedule } from '../../collector/imports/due.ts';
import type { ImportRun } from '../../collector/imports/statements.ts';

const MINUTE = 60_000;
const NOW = 1_000 * MINUTE;
const run = (outcome: ImportRun['outcome'], startedMs: number, endedMs?: number): ImportRun => ({
  ...{ id: 1, startedMs, endedMs, range: { from: '1969-12-01', to: dayAt(startedMs) }, outcome, days: 1, revised: 0, lines: 1, remarks: [] },
});
/** Every hundred minutes. */
const hundredth: Schedule = { nextDueMs: (afterMs) => (Math.floor(afterMs / (100 * MINUTE)) + 1) * 100 * MINUTE, daysRead: 30 };

test.each([
  ['never run', undefined, true],
  ['stopped', run('stopped', NOW - MINUTE, NOW - MINUTE), true],
  ['done before the last time', run('done', NOW - MINUTE, NOW - MINUTE), true],
  ['done since the last time', run('done', NOW, NOW + MINUTE), false],
  ['failed a moment ago', run('failed', NOW - 90 * MINUTE, NOW - 14 * MINUTE), false],
  ['failed a while ago', run('failed', NOW - 16 * MINUTE, NOW - 15 * MINUTE), true],
  ['under way', run('running', NOW - 59 * MINUTE), false],
  ['killed', run('running', NOW - 60 * MINUTE), true],
])('%s', (_, last, expected) => {
  expect(isDue(last === undefined ? [] : [last], hundredth, NOW)).toBe(expected);
});

test('a schedule that never comes again', () => {
  expect(isDue([run('done', 0, 1)], { ...hundredth, nextDueMs: () => undefined }, NOW)).toBe(false);
});

test('the last days alone that somebody brings stand for no run of the schedule', () => {
  const since = (from: string) => ({ ...run('done', NOW, NOW), range: { from, to: '1970-01-01' } });
  expect(isDue([since('1969-12-31'), run('done', NOW - MINUTE, NOW - MINUTE)], hundredth, NOW)).toBe(true);
  expect(isDue([since('1969-12-03')], hundredth, NOW)).toBe(true);
  expect(isDue([since('1969-12-02')], hundredth, NOW)).toBe(false);
  expect(isDue([since('1969-12-31')], { ...hundredth, daysRead: 1 }, NOW)).toBe(false);
});

test('older days that somebody brings stand for no run of the schedule', () => {
  const older = { ...run('done', NOW, NOW), range: { from: '1969-11-01', to: '1969-11-02' } };
  expect(isDue([older], hundredth, NOW)).toBe(true);
  expect(isDue([older, run('done', NOW - MINUTE, NOW - MINUTE)], hundredth, NOW)).toBe(true);
  expect(isDue([older, run('done', NOW, NOW)], hundredth, NOW)).toBe(false);
});
