import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { canonicalZone, zoneName } from '../../collector/core/time-zone.ts';

test.each([
  ['europe/berlin', 'Europe/Berlin', 'Europe/Berlin'],
  ['Europe/Berlin', 'Europe/Berlin', 'Europe/Berlin'],
  ['utc', 'UTC', 'UTC'],
  ['etc/utc', 'Etc/UTC', 'UTC'],
  ['us/eastern', 'US/Eastern', 'America/New_York'],
  ['etc/gmt+5', 'Etc/GMT+5', 'Etc/GMT+5'],
  ['+01:00', '+01:00', '+01:00'],
  ['+0100', '+01:00', '+01:00'],
  ['-03', '-03:00', '-03:00'],
  ['+0545', '+05:45', '+05:45'],
])('%s is %s, and %s by its one name', (spelling, name, canonical) => {
  expect(zoneName(spelling)).toBe(name);
  expect(canonicalZone(spelling)).toBe(canonical);
});

test.each([
  'Mars/Olympus',
  '',
  '+25:00',
  '+01:00:30',
  '+05:37',
  '-0001',
  'Z ',
  '2026-11-20T00:00Z[Europe/Berlin]',
  '2026-11-20T00:00+01:00',
  'Europe/Berlin\0',
  'a'.repeat(500),
])('%j is no zone', (spelling) => {
  expect(() => zoneName(spelling)).toThrow(/time zone/);
  expect(() => canonicalZone(spelling)).toThrow(/time zone/);
});

describe('thousands of spellings', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('make one format, not one each: its memory is beyond the heap', () => {
    const made = jest.spyOn(Intl, 'DateTimeFormat');
    const letters = [...'asia/ho_chi_minh'];
    for (let spelling = 0; spelling < 4_096; spelling++) {
      const text = letters.map((letter, place) => (spelling & (1 << place) ? letter.toUpperCase() : letter)).join('');
      expect(zoneName(text)).toBe('Asia/Ho_Chi_Minh');
      canonicalZone(text);
    }
    expect(made.mock.calls.length).toBeLessThanOrEqual(1);
  });
});
