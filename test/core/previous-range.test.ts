/** What a time range is compared with: the same part of the time before, at the same times of day. */
import { describe, expect, test } from '@jest/globals';
import { calendarUnitOf, previousRange } from '../../collector/core/previous-range.ts';
import { parseTimeRange } from '../../collector/core/time-range.ts';

const UTC = { timeZone: 'UTC', weekStart: 'monday' } as const;
const NEW_YORK = { timeZone: 'America/New_York', weekStart: 'sunday' } as const;
const at = (text: string): number => Date.parse(text);
const NOW = at('2026-11-20T12:07:00Z');

const shown = (words: Parameters<typeof parseTimeRange>[0], calendar: typeof UTC | typeof NEW_YORK = UTC, nowMs = NOW): string => {
  const previous = previousRange(parseTimeRange(words, calendar, nowMs), nowMs, calendar);
  const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
  return previous === undefined ? 'none' : [previous.fromMs, previous.upToMs, previous.toMs].map(iso).join(' ');
};

describe('a running period of the calendar is compared with the same part of the one before', () => {
  test.each([
    ['today', '2026-11-19T00:00 2026-11-19T12:00 2026-11-20T00:00'],
    ['this_week', '2026-11-09T00:00 2026-11-13T12:00 2026-11-16T00:00'],
    ['this_month', '2026-10-01T00:00 2026-10-20T12:00 2026-11-01T00:00'],
    ['this_quarter', '2026-07-01T00:00 2026-08-20T12:00 2026-10-01T00:00'],
    ['this_year', '2025-01-01T00:00 2025-11-20T12:00 2026-01-01T00:00'],
  ])('%s', (period, text) => expect(shown({ period })).toBe(text));

  test('no further than to the end of a shorter one', () => {
    expect(shown({ period: 'this_month' }, UTC, at('2026-03-30T08:00:00Z'))).toBe('2026-02-01T00:00 2026-03-01T00:00 2026-03-01T00:00');
  });
});

test('a period that is over is compared with the whole one before', () => {
  expect(shown({ period: 'last_month' })).toBe('2026-09-01T00:00 2026-10-01T00:00 2026-10-01T00:00');
  expect(shown({ period: '2026-02' })).toBe('2026-01-01T00:00 2026-02-01T00:00 2026-02-01T00:00');
});

describe('any other time is compared with as many whole days before, at the same time of day', () => {
  test.each([
    [{ from: 'now-6d/d' }, '2026-11-07T00:00 2026-11-13T12:00 2026-11-14T00:00'],
    [{ from: '2026-11-11T15:00:00Z', to: '2026-11-18T15:00:00Z' }, '2026-11-04T15:00 2026-11-11T15:00 2026-11-11T15:00'],
    [{ from: '2026-11-11T15:00:00Z', to: '2026-11-14T20:00:00Z' }, '2026-11-07T15:00 2026-11-10T20:00 2026-11-11T15:00'],
    [{ from: '2026-11-18T06:30:00Z', to: '2026-11-18T10:00:00Z' }, '2026-11-18T02:30 2026-11-18T06:00 2026-11-18T06:30'],
    [{ period: '24h' }, '2026-11-18T12:00 2026-11-19T12:00 2026-11-19T12:00'],
  ])('%j', (words, text) => expect(shown(words)).toBe(text));

  test('also where a clock was changed in between', () => {
    // The last day of October has 25 hours there.
    expect(shown({ from: '2026-10-31', to: '2026-11-04' }, NEW_YORK)).toBe('2026-10-26T04:00 2026-10-30T05:00 2026-10-31T04:00');
  });
});

test('what has no beginning, or has not begun, is compared with nothing', () => {
  expect(shown({ to: '2026-11-01' })).toBe('none');
  expect(shown({ from: '2026-12-01', to: '2027-01-01' })).toBe('none');
});

test('whole periods of the calendar are recognized', () => {
  const unit = (words: Parameters<typeof parseTimeRange>[0]) => calendarUnitOf(parseTimeRange(words, UTC, NOW), UTC);
  expect([{ period: '2026-11-03' }, { period: 'this_week' }, { from: '2026-11-01', to: '2026-12-01' }].map(unit)).toEqual(['day', 'week', 'month']);
  expect([{ from: '2026-11-01' }, { from: '2026-11-02', to: '2026-12-02' }, { period: '24h' }].map(unit)).toEqual([undefined, undefined, undefined]);
});
