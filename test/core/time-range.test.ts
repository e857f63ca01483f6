import { describe, expect, test } from '@jest/globals';
import type { CalendarOptions } from '../../collector/core/calendar.ts';
import { LedgerlineError } from '../../collector/core/error.ts';
import { parseTimeRange, periodAround, periodStart, type TimeRangeWords } from '../../collector/core/time-range.ts';

const berlin: CalendarOptions = { timeZone: 'Europe/Berlin', weekStart: 'monday' };
/** A Friday, 09:07 in Berlin. */
const now = Date.parse('2026-11-20T08:07:00Z');

const timeRange = (words: TimeRangeWords, calendar = berlin): (string | undefined)[] => {
  const { fromMs, toMs } = parseTimeRange(words, calendar, now);
  return [fromMs, toMs].map((ms) => (ms === undefined ? undefined : new Date(ms).toISOString().replace(':00.000Z', '')));
};

const refusal = (words: TimeRangeWords): string => {
  try {
    parseTimeRange(words, berlin, now);
  } catch (error) {
    if (error instanceof LedgerlineError && error.code === 'invalid') return `${error.message} ${error.hint}`;
    throw error;
  }
  return 'accepted';
};

describe('a time range', () => {
  test.each<[string, string, string]>([
    ['today', '2026-11-19T23:00', '2026-11-20T23:00'],
    ['yesterday', '2026-11-18T23:00', '2026-11-19T23:00'],
    ['this_week', '2026-11-15T23:00', '2026-11-22T23:00'],
    ['last_week', '2026-11-08T23:00', '2026-11-15T23:00'],
    ['this_month', '2026-10-31T23:00', '2026-11-30T23:00'],
    ['last_month', '2026-09-30T22:00', '2026-10-31T23:00'],
    ['this_quarter', '2026-09-30T22:00', '2026-12-31T23:00'],
    ['last_quarter', '2026-06-30T22:00', '2026-09-30T22:00'],
    ['last_year', '2024-12-31T23:00', '2025-12-31T23:00'],
  ])('named %s should be cut in the zone of the calendar', (period, from, to) => {
    expect(timeRange({ period })).toEqual([from, to]);
  });

  test.each<[string, string, string | undefined]>([
    ['2026-11-20', '2026-11-19T23:00', undefined],
    ['2026-11', '2026-10-31T23:00', undefined],
    ['2026-11-20T10:15', '2026-11-20T09:15', undefined],
    ['2026-11-20T10:15:00Z', '2026-11-20T10:15', undefined],
    ['2026-11-20T10:15:00+05:45', '2026-11-20T04:30', undefined],
    ['now', '2026-11-20T08:00', undefined],
    ['now-6h', '2026-11-20T02:00', undefined],
    ['now-7d', '2026-11-13T08:00', undefined],
    ['now-30d/d', '2026-10-20T22:00', undefined],
    ['now/w', '2026-11-15T23:00', undefined],
    ['now-1M/M', '2026-09-30T22:00', undefined],
  ])('from %s should begin at %s', (from, begin, end) => {
    expect(timeRange({ from })).toEqual([begin, end]);
  });

  test('an instant between two quarters of an hour should be rounded outwards, and a + that arrived as a space be read', () => {
    const timeRange = parseTimeRange({ from: '2026-11-20T10:07:00Z', to: '2026-11-20T16:16:30 05:45' }, berlin, now);
    expect(timeRange).toEqual({ fromMs: Date.parse('2026-11-20T10:00Z'), toMs: Date.parse('2026-11-20T10:45Z') });
  });

  test('to now should include the present quarter of an hour', () => {
    expect(timeRange({ from: 'today', to: 'now' })).toEqual(['2026-11-19T23:00', '2026-11-20T08:15']);
  });

  test('last month should also be writable as from and to', () => {
    expect(timeRange({ from: 'last_month', to: 'this_month' })).toEqual(timeRange({ period: 'last_month' }));
  });

  test('without words should be open on both sides', () => expect(timeRange({})).toEqual([undefined, undefined]));

  test('a week should begin on the configured day', () => {
    expect(timeRange({ from: 'this_week' }, { ...berlin, weekStart: 'sunday' })[0]).toBe('2026-11-14T23:00');
    expect(timeRange({ from: 'this_week' }, { ...berlin, weekStart: 'saturday' })[0]).toBe('2026-11-13T23:00');
  });

  test('a zone with an offset of three quarters should be cut right', () => {
    expect(timeRange({ from: 'today' }, { ...berlin, timeZone: 'Asia/Kathmandu' })[0]).toBe('2026-11-19T18:15');
  });

  test('a day on which the clock changes should have 23 or 25 hours', () => {
    const hours = (date: string) => {
      const day = periodAround('day', Date.parse(date), berlin);
      return (day.toMs - day.fromMs) / 3_600_000;
    };
    expect([hours('2026-03-29T12:00Z'), hours('2026-10-25T12:00Z'), hours('2026-11-20T12:00Z')]).toEqual([23, 25, 24]);
  });

  test('a day whose midnight the clock skips should begin at one', () => {
    const cairo = { ...berlin, timeZone: 'Africa/Cairo' };
    expect(new Date(periodStart('day', Date.parse('2026-04-24T12:00Z'), cairo)).toISOString()).toBe('2026-04-23T22:00:00.000Z');
  });
});

test.each(['Pacific/Kiritimati', 'Pacific/Pago_Pago'])('the first and the last day that can be asked for, in %s', (timeZone) => {
  const { fromMs, toMs } = parseTimeRange({ from: '2000-01-01', to: '2100-01-01' }, { ...berlin, timeZone }, Date.parse('2026-11-20T12:00Z'));
  expect(toMs).toBeGreaterThan(fromMs ?? Number.POSITIVE_INFINITY);
});

describe('words of the command line and of REST alike', () => {
  test.each<[string, string, string]>([
    ['last-month', '2026-09-30T22:00', '2026-10-31T23:00'],
    ['month', '2026-10-31T23:00', '2026-11-30T23:00'],
    ['day', '2026-11-19T23:00', '2026-11-20T23:00'],
    ['24h', '2026-11-19T08:00', '2026-11-20T08:15'],
    ['last-24h', '2026-11-19T08:00', '2026-11-20T08:15'],
    ['last_7_days', '2026-11-13T08:00', '2026-11-20T08:15'],
    ['30d', '2026-10-21T07:00', '2026-11-20T08:15'],
    ['2M', '2026-09-20T07:00', '2026-11-20T08:15'],
    ['2026-11-19', '2026-11-18T23:00', '2026-11-19T23:00'],
    ['20261119', '2026-11-18T23:00', '2026-11-19T23:00'],
    ['2026-10', '2026-09-30T22:00', '2026-10-31T23:00'],
    ['2026-Q4', '2026-09-30T22:00', '2026-12-31T23:00'],
    ['2025', '2024-12-31T23:00', '2025-12-31T23:00'],
  ])('period %s should be from %s to %s', (period, from, to) => expect(timeRange({ period })).toEqual([from, to]));

  test.each<[TimeRangeWords, string, string | undefined]>([
    [{ since: '20261101', until: '20261130' }, '2026-10-31T23:00', '2026-11-30T23:00'],
    [{ since: '2026-11-20', until: '2026-11-20' }, '2026-11-19T23:00', '2026-11-20T23:00'],
    [{ since: 'last-month', until: 'last-month' }, '2026-09-30T22:00', '2026-10-31T23:00'],
    [{ since: '7d', until: 'yesterday' }, '2026-11-13T08:00', '2026-11-19T23:00'],
    [{ from: '24h' }, '2026-11-19T08:00', undefined],
    [{ from: '2026-10', until: '2026-11-20T10:07:00Z' }, '2026-09-30T22:00', '2026-11-20T10:15'],
    [{ since: 'now-1Q/Q' }, '2026-06-30T22:00', undefined],
  ])('%j should begin at %s and end at %s', (words, from, to) => expect(timeRange(words)).toEqual([from, to]));

  test('until a day on which the clock changes should end with that day', () => {
    expect(timeRange({ since: '20261025', until: '20261025' })).toEqual(['2026-10-24T22:00', '2026-10-25T23:00']);
    expect(timeRange({ since: '20260329', until: '20260329' })).toEqual(['2026-03-28T23:00', '2026-03-29T22:00']);
  });

  test('a day ago should be the same time of day where the clock changed since, and 24 hours ago be 24 hours', () => {
    const after = Date.parse('2026-10-25T12:00Z');
    const hours = (period: string): number => {
      const { fromMs = 0, toMs = 0 } = parseTimeRange({ period }, berlin, after);
      return (toMs - fromMs) / 3_600_000;
    };
    expect([hours('1d'), hours('24h')]).toEqual([25, 24]);
  });

  test.each<[TimeRangeWords, string]>([
    [{ period: '0d' }, 'period=0d is not a time'],
    [{ period: '99999y' }, 'period=99999y is not a time'],
    [{ period: '20261301' }, 'period=20261301 is not a time'],
    [{ period: '2026-02-30' }, 'period=2026-02-30 is not a time'],
    [{ period: '9999' }, 'period=9999 is not a time'],
    [{ since: 'today', from: 'today' }, 'from cannot be combined with since'],
    [{ until: 'today', to: 'today' }, 'to cannot be combined with until'],
    [{ period: 'today', until: 'today' }, 'either period, or from and to'],
    [{ since: '20261121', until: '20261120' }, 'until=20261120 is not after since=20261121'],
  ])('%j should be refused with %s', (words, part) => expect(refusal(words)).toContain(part));

  test('that is misspelt is met with the nearest word, once', () => {
    expect(refusal({ period: 'this-wek' }).match(/Did you mean [^?]*/g)).toEqual(['Did you mean "this_week"']);
    expect(refusal({ from: 'yesterdya' }).match(/Did you mean [^?]*/g)).toEqual(['Did you mean "yesterday"']);
  });
});

describe('a time range that cannot be used', () => {
  test.each<[TimeRangeWords, string]>([
    [{ from: 'now-99999y' }, 'from=now-99999y is not a time'],
    [{ to: '-271821-04-20T00:00:00Z' }, 'to=-271821-04-20T00:00:00Z is not a time'],
    [{ to: '+275760-09-13T00:00:00Z' }, 'to=+275760-09-13T00:00:00Z is not a time'],
    [{ from: '0001-01-01' }, 'from=0001-01-01 is not a time'],
    [{ from: '0001-01-01' }, 'Give a date from 2000-01-01 to 2100-01-01.'],
    [{ from: '1999-12' }, 'from=1999-12 is not a time'],
    [{ to: '9999-12-31' }, 'to=9999-12-31 is not a time'],
    [{ from: 'now-50y' }, 'from=now-50y is not a time'],
    [{ from: 'tomorrowish' }, 'from=tomorrowish'],
    [{ from: 'tomorrowish' }, 'now-7d'],
    [{ from: '2026-13-01' }, 'from=2026-13-01'],
    [{ period: 'fortnight' }, 'this_week'],
    [{ period: 'today', from: 'today' }, 'either period, or from and to'],
    [{ from: '2026-11-20', to: '2026-11-20' }, 'to=2026-11-21'],
    [{ from: 'constructor' }, 'from=constructor'],
  ])('%j should be refused with %s', (words, part) => expect(refusal(words)).toContain(part));
});
